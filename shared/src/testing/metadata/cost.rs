//! What upkeep costs beside rows that need none.

use std::time::Duration;

use chrono::Utc;
use tokio::time::sleep;
use tokio_postgres::{Client, NoTls};

use crate::metadata::MetadataStore;
use crate::settings::DatabaseUrl;

const FINISHED: i64 = 200_000;
const UNFINISHED_PER_STATE: i64 = 20;
/// A scan of the finished rows alone would read 5,000.
const MOST_BLOCKS: i64 = 600;

/// A pass of all that upkeep asks scans no table, and touches few blocks.
pub async fn finished_rows_cost_upkeep_nothing(url: DatabaseUrl) {
    let DatabaseUrl::Postgres(address) = &url else { panic!("for Postgres alone") };
    let store = MetadataStore::open(&url).expect("a store");
    store.migrate().await.expect("migrates");
    let client = connect(address).await;
    fill(&client).await;
    let before = reads(&client).await;

    let (long, limit) = (Duration::from_secs(3600), 100);
    store.unqueued(Duration::from_secs(5), limit).await.expect("unqueued");
    store.count_overdue(long).await.expect("count_overdue");
    store.overdue(long, limit).await.expect("overdue");
    store.unmark_queued_before(Utc::now() - long).await.expect("unmark_queued_before");
    store.expire_claims(5, "attempts_exhausted", "too many").await.expect("expire_claims");
    store.abandon(long).await.expect("abandon");
    store.to_purge(limit).await.expect("to_purge");
    store.to_purge_again(limit).await.expect("to_purge_again");
    store.outdated(limit).await.expect("outdated");
    // A session tells what it read when it ends.
    drop(store);
    until_alone(&client).await;

    let after = reads(&client).await;
    assert_eq!(after.scans, before.scans, "the whole table was read");
    let blocks = after.blocks - before.blocks;
    assert!((1..=MOST_BLOCKS).contains(&blocks), "{blocks} blocks were touched");
}

#[derive(Debug)]
struct Reads {
    scans: i64,
    blocks: i64,
}

async fn fill(client: &Client) {
    let rows = format!(
        "INSERT INTO users (username, password_hash, created_at) VALUES ('somebody', '-', now());
         INSERT INTO images (user_id, state, object_id, file_name, format, bytes, sha256, visible_generation,
                             accepted_at, queued_at, due_at, lease_until, purge_after, created_at, updated_at)
         SELECT 1, state, md5(state || n), 'photo.jpg', 'jpeg', 1000, '', 1, now(),
                CASE WHEN n % 2 = 0 THEN now() END, now(),
                CASE WHEN state = 'processing' THEN now() END, CASE WHEN state = 'deleted' THEN now() END, now(), now()
         FROM (VALUES ('ready', {FINISHED}), ('failed', {UNFINISHED_PER_STATE}), ('receiving', {UNFINISHED_PER_STATE}),
                      ('pending', {UNFINISHED_PER_STATE}), ('processing', {UNFINISHED_PER_STATE}),
                      ('deleted', {UNFINISHED_PER_STATE})) AS kinds (state, count), generate_series(1, count) AS n"
    );
    client.batch_execute(&rows).await.expect("rows");
    client.batch_execute("VACUUM ANALYZE images").await.expect("vacuum");
    client.batch_execute("SELECT pg_stat_force_next_flush()").await.expect("flushes its counters");
}

/// From the server's own counters.
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
