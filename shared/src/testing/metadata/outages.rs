//! The behaviours in outages: if the database is away or too slow, the store answers in time, and it is no defect.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use super::*;
use crate::metadata::MetadataError;
use crate::testing::deaf_proxy::DeafProxy;

/// The time within which a client gets its 503.
const SOON: Duration = Duration::from_secs(5);

/// Nothing listens at the address of the database.
pub async fn an_unreachable_database_is_unavailable_soon(_: DatabaseUrl) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("binds");
    let closed = listener.local_addr().expect("has an address");
    drop(listener);
    assert_unavailable(&somewhere(closed)).await;
}

/// The server accepts connections and never answers.
pub async fn a_silent_database_is_unavailable_soon(_: DatabaseUrl) {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("binds");
    assert_unavailable(&somewhere(silent.local_addr().expect("has an address"))).await;
}

/// When a connection that is in use becomes silent, the store answers in time and does not use it again.
pub async fn a_connection_that_went_silent_is_replaced(url: DatabaseUrl) {
    let DatabaseUrl::Postgres(direct) = &url else { panic!("only Postgres has connections") };
    let proxy = DeafProxy::to(direct).await;
    let store = migrated(&DatabaseUrl::Postgres(proxy.url(direct))).await;
    let ada = user(&store, "ada").await;
    proxy.go_deaf();
    let begin = Instant::now();
    let name = username("ada");
    let answer = store.find_user(&name).await;
    assert!(matches!(answer, Err(MetadataError::Unavailable(_))), "{answer:?}");
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    let found = store.find_user(&name).await.expect("a new connection answers").expect("is there");
    assert_eq!(found.id, ada);
}

/// A file that another process has locked is an outage.
pub async fn a_locked_file_is_unavailable(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let other = lock(&url).await;
    assert_soon("write", store.create_user(&username("ada"), "hash", None)).await;
    drop(other);
    user(&store, "ada").await;
}

/// The server refuses writes, as a replica of another server does.
pub async fn a_read_only_database_is_unavailable(url: DatabaseUrl) {
    let store = migrated(&url).await;
    user(&store, "ada").await;
    let name = name_of(&url);
    run_sql(&url, &format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    let store = open(&url);
    let ada = existing(&store, "ada").await;
    assert_soon("write", store.create_user(&username("eve"), "hash", None)).await;
    assert_soon("update", store.set_active(&ada, false)).await;
}

/// Another connection holds a lock for longer than a statement may take.
pub async fn a_statement_that_takes_too_long_is_unavailable(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let blocker = blocker(&url).await;
    assert_soon("write", store.create_user(&username("ada"), "hash", None)).await;
    drop(blocker);
}

/// An administrator cancels a statement and ends a connection.
pub async fn what_an_administrator_does_to_connections_is_unavailable(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let DatabaseUrl::Postgres(address) = &url else { panic!("for Postgres alone") };
    let admin = postgres(address).await;
    for does in ["pg_cancel_backend", "pg_terminate_backend"] {
        let blocker = blocker(&url).await;
        let waiting = {
            let store = store.clone();
            tokio::spawn(async move { store.create_user(&username("ada"), "hash", None).await })
        };
        let sql = format!(
            "SELECT {does}(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        );
        until("the statement waits", async || {
            (!admin.query(&sql, &[]).await.expect("asks").is_empty()).then_some(())
        })
        .await;
        assert_soon(does, async { waiting.await.expect("does not panic") }).await;
        drop(blocker);
    }
}

/// Two transactions wait for each other, and the server ends that of the store.
pub async fn a_deadlock_is_unavailable(url: DatabaseUrl) {
    let store = migrated(&url).await;
    user(&store, "ada").await;
    let DatabaseUrl::Postgres(address) = &url else { panic!("for Postgres alone") };
    // The update locks the row and then waits for a lock of the other transaction, which then waits for the row.
    run_sql(
        &url,
        "CREATE FUNCTION wait_for_lock() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END'; \
         CREATE TRIGGER wait AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION wait_for_lock()",
    )
    .await;
    let other = postgres(address).await;
    // With this, the server ends the store's transaction and not the other one.
    other
        .batch_execute("SET deadlock_timeout = '60s'; BEGIN; SELECT pg_advisory_xact_lock(1)")
        .await
        .expect("locks");
    let ours = {
        let (store, ada) = (store.clone(), existing(&store, "ada").await);
        tokio::spawn(async move { store.set_active(&ada, false).await })
    };
    let waits =
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    until("the store's statement waits", async || {
        (!other.query(waits, &[]).await.expect("asks").is_empty()).then_some(())
    })
    .await;
    let theirs = other.batch_execute("SELECT id FROM users FOR UPDATE");
    let (theirs, ()) =
        tokio::join!(theirs, assert_soon("deadlock", async { ours.await.expect("does not panic") }));
    theirs.expect("goes on");
}

/// Makes a connection that locks the table of users until it is dropped, so that statements on it wait.
async fn blocker(url: &DatabaseUrl) -> tokio_postgres::Client {
    let DatabaseUrl::Postgres(address) = url else { panic!("for Postgres alone") };
    let client = postgres(address).await;
    client.batch_execute("BEGIN; LOCK TABLE users").await.expect("locks");
    client
}

fn name_of(url: &DatabaseUrl) -> String {
    let DatabaseUrl::Postgres(address) = url else { panic!("for Postgres alone") };
    address.rsplit('/').next().expect("a path").to_owned()
}

fn somewhere(address: SocketAddr) -> DatabaseUrl {
    DatabaseUrl::Postgres(format!("postgres://nobody:secret@{address}/nowhere"))
}

async fn assert_unavailable(url: &DatabaseUrl) {
    let store = open(url);
    let name = username("ada");
    tokio::join!(
        assert_soon("check", store.check()),
        assert_soon("read", store.find_user(&name)),
        assert_soon("write", store.create_user(&name, "hash", None)),
        assert_soon("time", store.now()),
        assert_soon("migrate", store.migrate()),
    );
    // There are more callers than connections, and they do not wait one after the other.
    let crowd = at_once(40, |_| {
        let store = store.clone();
        async move { assert_soon("crowd", store.check()).await }
    });
    crowd.await;
}

async fn assert_soon<T: std::fmt::Debug>(what: &str, call: impl Future<Output = Result<T, MetadataError>>) {
    let outcome = tokio::time::timeout(SOON, call).await;
    let Ok(Err(MetadataError::Unavailable(text))) = outcome else { panic!("{what}: {outcome:?}") };
    assert!(!text.contains("secret"), "{what}: {text}");
}
