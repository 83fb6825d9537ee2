//! The real servers. Each test has its own database and its own prefix in the bucket, and both are removed after it.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use resizinator_formats::Format;
use resizinator_shared::objects::{ObjectKey, ObjectStore, S3Store, SigningWindow};
use resizinator_shared::settings::{DatabaseUrl, S3Location, Settings, StorageUrl};
use tokio_postgres::{Client, NoTls};
use url::Url;

use super::TestApp;

const HOUR: Duration = Duration::from_secs(3600);

/// Runs a test with Postgres and S3.
pub(crate) async fn on_services(story: impl AsyncFnOnce(&TestApp)) {
    on_services_with(|_| {}, async |start: &Start| story(&start.api().await).await).await;
}

/// Starts apis that share a database and a bucket.
pub(crate) struct Start<'a> {
    database: &'a Url,
    storage: &'a S3Location,
    change: &'a dyn Fn(&mut Settings),
}

impl Start<'_> {
    /// Starts one more api.
    pub(crate) async fn api(&self) -> TestApp {
        TestApp::start_with(|settings| {
            settings.database = DatabaseUrl::Postgres(self.database.to_string());
            settings.storage = StorageUrl::S3(Box::new(self.storage.clone()));
            (self.change)(settings);
        })
        .await
    }
}

/// Runs a test with any number of apis that share a Postgres and a bucket, and have other settings.
pub(crate) async fn on_services_with(change: impl Fn(&mut Settings), story: impl AsyncFnOnce(&Start<'_>)) {
    let storage = s3();
    database(async |url: Url| {
        on_storage(&storage, &url, async || {
            story(&Start { database: &url, storage: &storage, change: &change }).await;
        })
        .await;
    })
    .await;
}

/// Runs a test with a new database.
pub(crate) async fn database(story: impl AsyncFnOnce(Url)) {
    let server = std::env::var("TEST_DATABASE_URL").expect(
        "TEST_DATABASE_URL has to name a Postgres whose user may make databases: \
         postgres://user:password@host:port/database (`make test` sets it)",
    );
    let name = format!("resizinator_test_{:032x}", rand::random::<u128>());
    let mut url = Url::parse(&server).expect("TEST_DATABASE_URL is a URL");
    url.set_path(&name);
    let admin = connect(&server).await;
    admin.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("makes a database");
    // The database is dropped even if an assertion fails.
    let outcome = AssertUnwindSafe(story(url)).catch_unwind().await;
    admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.expect("drops the database");
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// Runs a test, and then removes the objects of all rows.
pub(crate) async fn on_storage(location: &S3Location, database: &Url, story: impl AsyncFnOnce()) {
    let outcome = AssertUnwindSafe(story()).catch_unwind().await;
    let rows = connect(database.as_str()).await.query("SELECT object_id FROM images", &[]).await;
    let keys: Vec<_> = rows.iter().flatten().flat_map(|row| keys_of(row.get(0))).collect();
    let objects = S3Store::new(location.clone(), SigningWindow::new(HOUR)).expect("a store");
    if !keys.is_empty() {
        objects.delete(&keys).await.expect("removes the objects");
    }
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

fn keys_of(object_id: &str) -> Vec<ObjectKey> {
    let names = ["original", "1/small", "1/medium"];
    let extensions = Format::ALL.map(|format| format.extensions()[0]);
    let names = names.iter().flat_map(|name| extensions.map(|extension| format!("{name}.{extension}")));
    names.filter_map(|name| ObjectKey::parse(&format!("{}/{object_id}/{name}", &object_id[..2]))).collect()
}

/// A prefix in the bucket that no other test uses.
pub(crate) fn s3() -> S3Location {
    let url = std::env::var("TEST_STORAGE_URL").unwrap_or_default();
    let settings = Settings::from_lookup(|name| (name == "STORAGE_URL").then(|| url.clone()));
    match settings.map(|settings| settings.storage) {
        Ok(StorageUrl::S3(mut location)) if std::env::var_os("AWS_ACCESS_KEY_ID").is_some() => {
            location.prefix = format!("test-{:032x}/", rand::random::<u128>());
            *location
        }
        _ => panic!(
            "TEST_STORAGE_URL has to name a bucket: s3://BUCKET?region=us-east-1&endpoint=http://127.0.0.1:PORT, \
             with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (`make test` sets them)"
        ),
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("reaches TEST_DATABASE_URL");
    tokio::spawn(connection);
    client
}
