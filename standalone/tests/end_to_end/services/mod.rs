//! The real services. Every test has its own part of them: a database, a vhost and a prefix in the bucket.

mod postgres;
pub(crate) mod rabbitmq;
mod s3;

use resizinator_shared::image::{Image, State};
use resizinator_shared::metadata::MetadataStore;
use resizinator_shared::objects::ObjectKey;
use resizinator_shared::settings::DatabaseUrl;
use serde_json::Value;
use tempfile::TempDir;

use crate::client::{User, image_id, owner, until_status};
use crate::eventually::eventually;
use crate::process::{Environment, Process, environment};

use postgres::Database;
use rabbitmq::Vhost;
use s3::Prefix;

pub(crate) struct Services {
    pub(crate) broker: Vhost,
    pub(crate) objects: Prefix,
    database: Database,
    folder: TempDir,
}

impl Services {
    pub(crate) async fn new() -> Self {
        Self {
            broker: Vhost::create().await,
            objects: Prefix::new(),
            database: Database::create().await,
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// Starts an api, waits until it is ready, and returns it with its address.
    pub(crate) async fn api(&self) -> (Process, String) {
        self.api_with([]).await
    }

    /// Starts an api with some of the settings changed, waits until it is ready, and returns it with its address.
    pub(crate) async fn api_with<const N: usize>(&self, changed: [(&str, &str); N]) -> (Process, String) {
        let mut api = self.start("resizinator-api", changed);
        let base = api.address().await;
        until_status(&base, "ready").await;
        (api, base)
    }

    /// Starts a worker that renders one image at a time.
    pub(crate) fn worker(&self) -> Process {
        self.start("resizinator-worker", [])
    }

    /// Starts a binary with these services and with some of the settings changed.
    pub(crate) fn start<const N: usize>(&self, name: &str, changed: [(&str, &str); N]) -> Process {
        Process::start(name, &self.environment(changed), self.folder.path())
    }

    /// Starts a binary with this environment.
    pub(crate) fn start_in(&self, name: &str, environment: &Environment) -> Process {
        Process::start(name, environment, self.folder.path())
    }

    /// The settings of a process with these services, with some of them changed.
    pub(crate) fn environment<const N: usize>(&self, changed: [(&str, &str); N]) -> Environment {
        let data = self.folder.path().join("data");
        let mut all = environment([
            ("DATABASE_URL", &self.database.url),
            ("QUEUE_URL", &self.broker.url),
            ("STORAGE_URL", &self.objects.url),
            ("RESIZINATOR_DATA", data.to_str().expect("UTF-8")),
            ("RESIZINATOR_LISTEN", "127.0.0.1:0"),
            ("RESIZINATOR_SECRET", "thirty-two characters of no secret"),
            // All requests come from one address, as fast as they can.
            ("RESIZINATOR_RATE_LIMITS", "off"),
            ("RESIZINATOR_SLOTS", "1"),
            // These times are short, so that a test does not wait long for them.
            ("RESIZINATOR_LEASE", "2"),
            ("RESIZINATOR_RETRY_DELAYS", "1"),
            ("RESIZINATOR_UPLOAD_TIMEOUT", "5"),
            ("RUST_LOG", "info,resizinator_api=debug,resizinator_worker=debug,resizinator_shared=debug"),
        ]);
        all.extend(std::env::vars().filter(|(name, _)| name.starts_with("AWS_")));
        all.extend(environment(changed));
        all
    }

    /// The URL of the database.
    pub(crate) fn database_url(&self) -> &str {
        &self.database.url
    }

    /// Runs a query with one number as its answer.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        self.database.number(query).await
    }

    /// The row of an image; `None` if it is deleted.
    pub(crate) async fn row(&self, record: &Value) -> Option<Image> {
        let store = MetadataStore::open(&DatabaseUrl::Postgres(self.database.url.clone())).expect("a store");
        store.image(owner(record), image_id(record)).await.expect("a query")
    }

    pub(crate) async fn until_state(&self, record: &Value, state: State) {
        eventually(&format!("image {} is {state:?}", record["id"]), async || {
            self.row(record).await.filter(|row| row.state == state).map(drop)
        })
        .await;
    }

    /// Inserts accepted images of `user` whose jobs no queue has yet and which have no objects.
    pub(crate) async fn insert_unqueued(&self, user: i64, count: i32) {
        self.database.insert_unqueued(user, count).await;
    }

    /// How many rows there are, in any state.
    pub(crate) async fn rows(&self) -> i64 {
        self.database.rows().await
    }

    /// Checks that every image is ready and has exactly one original, one small and one medium variant.
    pub(crate) async fn assert_one_set_of_objects(&self, user: &User, ids: &[i64]) {
        let mut expected = Vec::new();
        for id in ids {
            let record = user.until_ready(*id).await;
            let folder = ObjectKey::folder(&self.row(&record).await.expect("a row").object_id);
            expected.extend(
                ["1/medium.jpg", "1/small.jpg", "original.jpg"].map(|name| format!("{folder}{name}")),
            );
        }
        expected.sort();
        assert_eq!(self.objects.list().await, expected);
    }
}

/// Reads a variable that `make test` sets.
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: these tests need real services, `make test` starts them and sets it")
    })
}

/// Runs async work to its end from a `drop`, where nothing can be awaited.
fn block_on(work: impl Future<Output = ()> + Send + 'static) {
    let thread = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(work);
    });
    if thread.join().is_err() {
        eprintln!("the services of a test were not cleaned up");
    }
}
