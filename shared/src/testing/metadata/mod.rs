//! The behaviours of every metadata store. Each gets the URL of its own empty database. `tests/metadata.rs` runs all of
//! them with SQLite and with Postgres.

pub mod admin;
pub mod claims;
pub mod cost;
pub mod defects;
pub mod deletion;
pub mod events;
pub mod images;
pub mod keys;
pub mod lists;
pub mod migrations;
pub mod operate;
pub mod outages;
pub mod quotas;
pub mod random;
pub mod statements;
pub mod tokens;
pub mod transfer;
pub mod turns;
pub mod upgrade;
pub mod upkeep;
pub mod users;
pub mod webhooks;
pub mod workers;

mod catalog;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use resizinator_formats::Format;

use super::{accept, generation, id, username};
use crate::failure_code::FailureCode;
use crate::ids::{ImageId, ObjectId, UserId};
use crate::image::{Image, State, StoredHeader};
use crate::metadata::{ClaimOutcome, MetadataStore, NewImage, Order, User};
use crate::page::{Filter, Include, ListQuery, Start};
use crate::settings::DatabaseUrl;
use crate::trace::Trace;
use crate::variant::{StoredVariant, StoredVariants};

/// A time that is longer than any test.
const LONG: Duration = Duration::from_secs(600);
/// A time that is so short that a test can wait for its end.
const SHORT: Duration = Duration::from_millis(1);
/// The limit of attempts with which the tests expire claims. [`CODE`] and [`DETAIL`] are the reason of the last
/// failure.
const ATTEMPTS: i32 = 5;
const CODE: FailureCode = FailureCode::AttemptsExhausted;
const DETAIL: &str = "The file could not be rendered.";
/// The sizes of the variants with which the tests finish images.
const SIZES: StoredVariants = StoredVariants {
    small: StoredVariant { width: 133, height: 100, bytes: 2_000 },
    medium: StoredVariant { width: 400, height: 300, bytes: u32::MAX },
    frames: Some(1),
    format: Some(Format::Jpeg),
    placeholder: None,
};

async fn migrated(url: &DatabaseUrl) -> Arc<MetadataStore> {
    let store = open(url);
    store.migrate().await.expect("migrates");
    store
}

fn open(url: &DatabaseUrl) -> Arc<MetadataStore> {
    Arc::new(MetadataStore::open(url).expect("opens"))
}

/// Runs SQL on the database without the store. A test uses it to break what only an operator or another version can
/// break.
pub async fn run_sql(url: &DatabaseUrl, sql: &str) {
    match url {
        DatabaseUrl::Sqlite(file) => drop(run_on_sqlite(file, sql).await),
        DatabaseUrl::Postgres(url) => {
            let client = postgres(url).await;
            client.batch_execute(sql).await.expect("runs the SQL");
        }
    }
}

/// Locks a SQLite file, so that nothing else can write to it until the lock is dropped.
pub async fn lock(url: &DatabaseUrl) -> impl Send + use<> {
    let DatabaseUrl::Sqlite(file) = url else { panic!("only SQLite has a file") };
    run_on_sqlite(file, "BEGIN EXCLUSIVE").await
}

/// Runs SQL on a new connection, which it returns. It does so on a thread of its own: the SQL may wait for a transaction of the
/// code under test, and that transaction may need the thread of the test to end.
async fn run_on_sqlite(file: &Path, sql: &str) -> SqliteConnection {
    let (file, sql) = (file.to_string_lossy().into_owned(), format!("PRAGMA busy_timeout = 4000; {sql}"));
    let running = tokio::task::spawn_blocking(move || {
        let mut conn = SqliteConnection::establish(&file).expect("opens the file");
        conn.batch_execute(&sql).expect("runs the SQL");
        conn
    });
    running.await.expect("runs")
}

/// Makes the database refuse every image that would become ready.
pub async fn forbid_ready(url: &DatabaseUrl) {
    let sql = match url {
        DatabaseUrl::Postgres(_) => "ALTER TABLE images ADD CONSTRAINT never_ready CHECK (state <> 'ready')",
        // SQLite cannot add a constraint to an existing table, but it can add one with a new column.
        DatabaseUrl::Sqlite(_) => {
            "ALTER TABLE images ADD COLUMN never INTEGER DEFAULT 0 CONSTRAINT never_ready CHECK (state <> 'ready')"
        }
    };
    run_sql(url, sql).await;
}

async fn postgres(url: &str) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("reaches the database");
    tokio::spawn(connection);
    client
}

fn from_offset(order: Order, offset: i64, limit: i64) -> ListQuery {
    ListQuery {
        filter: Filter::default(),
        order,
        start: Start::Offset(offset),
        limit,
        include: Include::Nothing,
    }
}

async fn user(store: &MetadataStore, name: &str) -> UserId {
    store.create_user(&username(name), "$argon2id$…", None).await.expect("makes a user")
}

async fn received(store: &MetadataStore, user_id: UserId) -> Image {
    received_as(store, user_id, false).await
}

async fn received_held(store: &MetadataStore, user_id: UserId) -> Image {
    received_as(store, user_id, true).await
}

async fn received_as(store: &MetadataStore, user_id: UserId, held: bool) -> Image {
    let object_id = ObjectId::random();
    let new = NewImage {
        user_id,
        object_id: &object_id,
        file_name: "Grüße 🦊.jpeg",
        format: Format::Jpeg,
        bytes: 5_000_000_000,
        sha256: &"0f".repeat(32),
        header: StoredHeader { width: 400, height: 300, frames: 1 },
        trace: &Trace::default(),
        held,
    };
    let image = store.receive(&new).await.expect("receives");
    assert_eq!((image.user_id, image.state), (user_id, State::Receiving));
    image
}

async fn mark_queued(store: &MetadataStore, image: &Image) {
    store.mark_queued(std::slice::from_ref(image)).await.expect("marks");
}

async fn accepted(store: &MetadataStore, user_id: UserId) -> Image {
    let image = received(store, user_id).await;
    accept(store, &image).await.expect("was received")
}

/// An id that no row has yet and that is `distance` higher than another.
fn later(other: ImageId, distance: i64) -> ImageId {
    id(other.get() + distance)
}

/// Finds the user with this name.
async fn find_user(store: &MetadataStore, name: &str) -> Option<User> {
    store.find_user(&username(name)).await.expect("looks a user up")
}

/// The user with this name, who exists.
async fn existing(store: &MetadataStore, name: &str) -> User {
    find_user(store, name).await.expect("is there")
}

/// Claims an image as the job of this record does.
async fn claim(store: &MetadataStore, image: &Image, lease: Duration) -> ClaimOutcome {
    store.claim(image.id, image.user_id, image.generation, lease).await.expect("answers a claim")
}

async fn claimed(store: &MetadataStore, image: &Image, lease: Duration) -> Image {
    match claim(store, image, lease).await {
        ClaimOutcome::Claimed(image) => *image,
        other => panic!("not claimed but {other:?}"),
    }
}

async fn ready(store: &MetadataStore, user_id: UserId) -> Image {
    let image = claimed(store, &accepted(store, user_id).await, LONG).await;
    assert!(store.finish_ready(&image, SIZES, LONG).await.expect("finishes"));
    shown(store, &image).await
}

async fn find(store: &MetadataStore, image: &Image) -> Option<Image> {
    store.image(image.user_id, image.id).await.expect("looks an image up")
}

/// The image as its owner sees it now.
async fn shown(store: &MetadataStore, image: &Image) -> Image {
    find(store, image).await.expect("the image is shown")
}

/// The number of a user's images as the store counts them, and the ids of all of them.
async fn listed(store: &MetadataStore, user_id: UserId) -> (i64, Vec<ImageId>) {
    let page = store.list(user_id, &from_offset(Order::Ascending, 0, 1000)).await.expect("lists");
    (page.count, ids(&page.images))
}

fn ids(images: &[Image]) -> Vec<ImageId> {
    images.iter().map(|image| image.id).collect()
}

async fn expire(store: &MetadataStore) -> (usize, usize) {
    store.expire_claims(ATTEMPTS, CODE, DETAIL).await.expect("expires")
}

/// Expires claims until at least one lease has run out, and returns the counts.
async fn expired(store: &MetadataStore) -> (usize, usize) {
    until("a lease runs out", async || Some(expire(store).await).filter(|counts| *counts != (0, 0))).await
}

/// Waits until the store's clock has advanced by at least a microsecond.
async fn tick(store: &MetadataStore) {
    let before = store.now().await.expect("knows the time");
    until("the clock moves", async || (store.now().await.expect("knows the time") > before).then_some(()))
        .await;
}

async fn until<T>(what: &str, condition: impl AsyncFn() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(met) = condition().await {
            return met;
        }
        assert!(begin.elapsed() < Duration::from_secs(10), "waited in vain until {what}");
        tokio::time::sleep(SHORT).await;
    }
}

/// Runs the same work `times` times at once, and returns all the results.
async fn at_once<T, F>(times: usize, mut work: impl FnMut(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let gate = Arc::new(tokio::sync::Barrier::new(times));
    let running: Vec<_> = (0..times)
        .map(|number| {
            let (gate, work) = (gate.clone(), work(number));
            tokio::spawn(async move {
                gate.wait().await;
                work.await
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in running {
        outcomes.push(task.await.expect("does not panic"));
    }
    outcomes
}
