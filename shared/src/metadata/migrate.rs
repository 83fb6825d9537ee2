//! The database migrations, which are built into the binaries. Several processes may run them at the same time.

use std::error::Error;
use std::fs::File;
use std::path::PathBuf;

use diesel::backend::Backend;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::SqlQuery;
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::result::Error as DieselError;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::error::{Fault, MetadataError, Server, fault, fault_of_message, metadata_error};
use super::tls;
use crate::causes::with_causes;
use crate::private;

const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// The name of the statement in errors.
const STATEMENT: &str = "migrate";

/// The number of the advisory lock. It may be any number that nothing else in the database uses for such a lock.
const ADVISORY_LOCK: i64 = 0x5265_7369_7a69;

pub(super) async fn postgres(url: &str) -> Result<Vec<String>, MetadataError> {
    let mut conn =
        super::by(super::deadline(), async { tls::establish(url).await.map_err(unavailable) }).await??;
    if super::by(super::deadline(), async { Ok(nothing_is_due(&mut conn).await) }).await?? {
        return Ok(Vec::new());
    }
    blocking(move || {
        let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::from(conn);
        let begin = |conn: &mut _| -> Result<usize, DieselError> {
            diesel::sql_query("SET statement_timeout = 0").execute(conn)?;
            // The lock belongs to the session, so it is released when the connection ends, at the latest.
            diesel::sql_query(format!("SELECT pg_advisory_lock({ADVISORY_LOCK})")).execute(conn)
        };
        begin(&mut conn).map_err(|error| metadata_error(error, Server::Postgres, STATEMENT))?;
        pending(&mut conn, POSTGRES, Server::Postgres)
    })
    .await
}

/// The version of a migration that has run.
#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// Whether every migration has run. It only reads, while diesel first creates its table of migrations if that is
/// missing, and PostgreSQL asks for the right to create tables even if it is not. So a service whose user may only read
/// and write rows can start.
async fn nothing_is_due(conn: &mut AsyncPgConnection) -> bool {
    let Ok(known) = versions() else { return false };
    let read = diesel::sql_query("SELECT version FROM __diesel_schema_migrations");
    let read: QueryResult<Vec<Done>> = diesel_async::RunQueryDsl::load(read, conn).await;
    // Without the table nothing has run yet, and whatever else is wrong, the migration itself will say.
    let Ok(done) = read else { return false };
    known.iter().all(|version| done.iter().any(|done| done.version == *version))
}

/// The versions of the built-in migrations for PostgreSQL.
fn versions() -> diesel::migration::Result<Vec<String>> {
    let migrations = MigrationSource::<Pg>::migrations(&POSTGRES)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

pub(super) async fn sqlite(file: PathBuf) -> Result<Vec<String>, MetadataError> {
    blocking(move || {
        let lock = file.with_extension("migrate-lock");
        let lock = private::make_file(&lock).and_then(|()| File::open(lock)).map_err(unavailable)?;
        lock.lock().map_err(unavailable)?;
        let mut conn = SqliteConnection::establish(&file.to_string_lossy()).map_err(unavailable)?;
        diesel::sql_query("PRAGMA busy_timeout = 4000")
            .execute(&mut conn)
            .map_err(|error| metadata_error(error, Server::Sqlite, STATEMENT))?;
        pending(&mut conn, SQLITE, Server::Sqlite)
    })
    .await
}

fn pending<DB: Backend, C: MigrationHarness<DB> + Connection>(
    conn: &mut C,
    migrations: EmbeddedMigrations,
    server: Server,
) -> Result<Vec<String>, MetadataError>
where
    SqlQuery: ExecuteDsl<C>,
{
    match conn.run_pending_migrations(migrations) {
        Ok(done) => Ok(done.iter().map(ToString::to_string).collect()),
        Err(error) => Err(failed(&*error, conn, server)),
    }
}

/// Turns the error of a migration into one of the store. An error that does not look like an outage is a defect, as
/// long as the connection still works. If an outage is taken for a defect, the process ends, and its next start tries
/// again.
fn failed<C: Connection>(error: &(dyn Error + 'static), conn: &mut C, server: Server) -> MetadataError
where
    SqlQuery: ExecuteDsl<C>,
{
    let fault = match error.downcast_ref::<DieselError>() {
        Some(error) => fault(error, server),
        // The type of an error within a migration is private. Its text ends with the database's message.
        None => {
            let text = error.to_string();
            fault_of_message(text.split_once(" with: ").map_or(&*text, |(_, message)| message), server)
        }
    };
    let mut is_connected = || diesel::sql_query("SELECT 1").execute(conn).is_ok();
    if fault == Fault::Service || fault == Fault::Unclear && is_connected() {
        MetadataError::Defect { statement: STATEMENT, cause: with_remedy(with_causes(error)) }
    } else {
        MetadataError::Unavailable(with_causes(error))
    }
}

/// The cause, and what to do if the database's user lacks a right.
fn with_remedy(cause: String) -> String {
    if cause.contains("permission denied") || cause.contains("must be owner of") {
        return format!(
            "{cause}: a migration is due and this user may not change the tables, so \"resizinator migrate\" has to run \
             first, with the DATABASE_URL of their owner"
        );
    }
    cause
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MetadataError> + Send + 'static,
) -> Result<T, MetadataError> {
    tokio::task::spawn_blocking(work).await.map_err(unavailable)?
}

fn unavailable(error: impl Error + 'static) -> MetadataError {
    MetadataError::Unavailable(with_causes(&error))
}
