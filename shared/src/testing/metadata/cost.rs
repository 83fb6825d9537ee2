//! The cost of upkeep in a table with many rows that need none.

use std::time::{Duration, Instant};

use chrono::Utc;
use tokio::time::sleep;
use tokio_postgres::{Client, NoTls};

use crate::failure_code::FailureCode;
use crate::metadata::{MetadataError, MetadataStore};
use crate::settings::DatabaseUrl;

const FINISHED: i64 = 200_000;
const UNFINISHED_PER_STATE: i64 = 20;
/// The most blocks that upkeep may read. A scan of the finished rows alone would read 5,000.
const MOST_BLOCKS: i64 = 600;

/// The overview of operators counts the images that are unfinished or have failed, and reads no others.
pub async fn finished_rows_cost_the_overview_nothing(url: DatabaseUrl) {
    let DatabaseUrl::Postgres(address) = &url else { panic!("for Postgres alone") };
    let overview = async |store: &MetadataStore| store.overview(Duration::from_secs(5)).await.map(drop);
    let cost = of(overview, address, FINISHED).await.expect("a store");
    assert_eq!(cost.scans, 0, "the whole table was read");
    assert!((1..=MOST_BLOCKS).contains(&cost.blocks), "{cost:?}");
}

/// The cost of one pass of all queries of upkeep.
#[derive(Debug)]
pub struct Cost {
    /// How many scans of the whole table of images there were.
    pub scans: i64,
    /// How many blocks of the table and its indexes were read, from memory or from the disk.
    pub blocks: i64,
    /// How long the second pass took.
    pub time: Duration,
}

/// A pass of all queries of upkeep scans no table and reads few blocks.
pub async fn finished_rows_cost_upkeep_nothing(url: DatabaseUrl) {
    let DatabaseUrl::Postgres(address) = &url else { panic!("for Postgres alone") };
    let cost = of_upkeep(address, FINISHED).await.expect("a store");
    assert_eq!(cost.scans, 0, "the whole table was read");
    assert!((1..=MOST_BLOCKS).contains(&cost.blocks), "{cost:?}");
}

/// Measures upkeep on an empty Postgres database, which it fills with `finished` rows and with some of each other
/// state.
///
/// # Errors
/// [`MetadataError`] if the database cannot be used.
pub async fn of_upkeep(url: &str, finished: i64) -> Result<Cost, MetadataError> {
    of(pass, url, finished).await
}

async fn of(
    pass: impl AsyncFn(&MetadataStore) -> Result<(), MetadataError>,
    url: &str,
    finished: i64,
) -> Result<Cost, MetadataError> {
    let database = DatabaseUrl::Postgres(url.to_owned());
    let store = MetadataStore::open(&database)?;
    store.migrate().await?;
    let client = connect(url).await;
    fill(&client, finished).await;
    let before = reads(&client).await;
    pass(&store).await?;
    // A session reports what it has read when it ends.
    drop(store);
    until_alone(&client).await;
    let after = reads(&client).await;

    let store = MetadataStore::open(&database)?;
    pass(&store).await?;
    let began = Instant::now();
    pass(&store).await?;
    let time = began.elapsed();
    Ok(Cost { scans: after.scans - before.scans, blocks: after.blocks - before.blocks, time })
}

async fn pass(store: &MetadataStore) -> Result<(), MetadataError> {
    let (long, limit) = (Duration::from_secs(3600), 100);
    store.unqueued(Duration::from_secs(5), limit).await?;
    store.count_overdue(long).await?;
    store.overdue(long, limit).await?;
    store.unmark_queued_before(Utc::now() - long).await?;
    store.expire_claims(5, FailureCode::AttemptsExhausted, "too many").await?;
    store.abandon(long).await?;
    store.to_purge(limit).await?;
    store.to_purge_again(limit).await?;
    store.outdated(limit).await?;
    Ok(())
}

#[derive(Debug)]
struct Reads {
    scans: i64,
    blocks: i64,
}

async fn fill(client: &Client, finished: i64) {
    let rows = format!(
        "INSERT INTO users (username, password_hash, created_at) VALUES ('somebody', '-', now());
         INSERT INTO images (user_id, state, object_id, file_name, format, bytes, sha256, visible_generation,
                             accepted_at, queued_at, due_at, lease_until, purge_after, created_at, updated_at)
         SELECT 1, state, md5(state || n), 'photo.jpg', 'jpeg', 1000, '', 1, now(),
                CASE WHEN n % 2 = 0 THEN now() END, now(),
                CASE WHEN state = 'processing' THEN now() END, CASE WHEN state = 'deleted' THEN now() END, now(), now()
         FROM (VALUES ('ready', {finished}), ('failed', {UNFINISHED_PER_STATE}), ('receiving', {UNFINISHED_PER_STATE}),
                      ('pending', {UNFINISHED_PER_STATE}), ('processing', {UNFINISHED_PER_STATE}),
                      ('deleted', {UNFINISHED_PER_STATE})) AS kinds (state, count), generate_series(1, count) AS n"
    );
    client.batch_execute(&rows).await.expect("rows");
    client.batch_execute("VACUUM ANALYZE images").await.expect("vacuum");
    client.batch_execute("SELECT pg_stat_force_next_flush()").await.expect("flushes its counters");
}

/// Reads the counters of the server.
async fn reads(client: &Client) -> Reads {
    let row = client
        .query_one(
            "SELECT seq_scan, heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit
             FROM pg_stat_user_tables JOIN pg_statio_user_tables USING (relid)
             WHERE pg_stat_user_tables.relname = 'images'",
            &[],
        )
        .await
        .expect("counters");
    Reads { scans: row.get(0), blocks: row.get(1) }
}

async fn until_alone(client: &Client) {
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                  AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    while client.query_one(others, &[]).await.expect("sessions").get::<_, i64>(0) > 0 {
        sleep(Duration::from_millis(20)).await;
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("connects");
    tokio::spawn(connection);
    client
}
