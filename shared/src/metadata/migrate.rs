//! Migrations, built into the binaries. Safe when several processes start at once.

use std::fs::File;
use std::path::PathBuf;

use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::error::MetadataError;
use super::tls;

const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// Any number that nobody else takes an advisory lock on in our database.
const ADVISORY_LOCK: i64 = 0x5265_7369_7a69;

pub(super) async fn postgres(url: &str) -> Result<Vec<String>, MetadataError> {
    let conn =
        super::by(super::deadline(), async { tls::establish(url).await.map_err(unavailable) }).await??;
    blocking(move || {
        let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::from(conn);
        // The lock is the session's: it goes with the connection, at the latest.
        diesel::sql_query("SET statement_timeout = 0").execute(&mut conn)?;
        diesel::sql_query(format!("SELECT pg_advisory_lock({ADVISORY_LOCK})")).execute(&mut conn)?;
        pending(&mut conn, POSTGRES)
    })
    .await
}

pub(super) async fn sqlite(file: PathBuf) -> Result<Vec<String>, MetadataError> {
    blocking(move || {
        let lock = File::create(file.with_extension("migrate-lock")).map_err(unavailable)?;
        lock.lock().map_err(unavailable)?;
        let mut conn = SqliteConnection::establish(&file.to_string_lossy()).map_err(unavailable)?;
        diesel::sql_query("PRAGMA busy_timeout = 4000").execute(&mut conn)?;
        pending(&mut conn, SQLITE)
    })
    .await
}

fn pending<DB: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> Result<Vec<String>, MetadataError> {
    let done = conn.run_pending_migrations(migrations).map_err(unavailable)?;
    Ok(done.iter().map(ToString::to_string).collect())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MetadataError> + Send + 'static,
) -> Result<T, MetadataError> {
    tokio::task::spawn_blocking(work).await.map_err(unavailable)?
}

fn unavailable(error: impl ToString) -> MetadataError {
    MetadataError::Unavailable(error.to_string())
}
