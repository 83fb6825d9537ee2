//! Taking a database for one process alone, so that nothing in it changes while it is copied.

use std::time::{Duration, Instant};

use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use super::TransferError;
use super::held::{Connection, HeldDatabase, Number};
use super::tables::names;
use crate::metadata::error::{Server, metadata_error};
use crate::metadata::{Database, MetadataStore, connection, deadline};

/// How long to wait for connections that are about to end, such as those of a copy that was just killed.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(100);

/// The number of the advisory lock of a copy; migrations use the one before.
const ADVISORY_LOCK: i64 = 0x5265_7369_7a6a;

const STATEMENT: &str = "hold";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Source,
    Target,
}

impl MetadataStore {
    /// Takes the database as the source of a copy: nobody else can change it until the result is dropped.
    ///
    /// # Errors
    /// [`TransferError::InUse`] if another process uses the database.
    pub async fn hold_as_source(&self) -> Result<HeldDatabase, TransferError> {
        self.hold(Side::Source).await
    }

    /// Takes the database as the target of a copy: no other copy into it can run until the result is dropped.
    ///
    /// # Errors
    /// [`TransferError::InUse`] if another copy runs or, with SQLite, if another process uses the database.
    pub async fn hold_as_target(&self) -> Result<HeldDatabase, TransferError> {
        self.hold(Side::Target).await
    }

    async fn hold(&self, side: Side) -> Result<HeldDatabase, TransferError> {
        match &self.database {
            Database::Sqlite { pool, file } => {
                let in_use = |error: String| {
                    TransferError::InUse(format!(
                        "{} is in use, or cannot be opened ({error})",
                        file.display()
                    ))
                };
                let conn = connection(pool, deadline()).await;
                let mut conn = conn.map_err(|error| in_use(error.to_string()))?;
                // Everybody who has the file open holds a shared lock on it, and this lock is exclusive.
                // <https://www.sqlite.org/pragma.html#pragma_locking_mode>
                let take = "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT";
                conn.batch_execute(take).await.map_err(|error| in_use(error.to_string()))?;
                Ok(HeldDatabase::new(Connection::Sqlite(conn)))
            }
            Database::Postgres { pool, .. } => {
                let mut conn = connection(pool, deadline()).await?;
                hold_postgres(&mut conn, side).await?;
                Ok(HeldDatabase::new(Connection::Postgres(conn)))
            }
        }
    }
}

async fn hold_postgres(conn: &mut AsyncPgConnection, side: Side) -> Result<(), TransferError> {
    let failed = |error| metadata_error(error, Server::Postgres, STATEMENT);
    let settings =
        "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '5s'";
    conn.batch_execute(settings).await.map_err(failed)?;
    let begin = Instant::now();
    while !has_lock(conn).await? {
        if begin.elapsed() >= PATIENCE {
            return Err(TransferError::InUse("another copy from or into it is running".into()));
        }
        tokio::time::sleep(PAUSE).await;
    }
    if side == Side::Target {
        return Ok(());
    }
    loop {
        let others = others(conn).await?;
        if others == 0 {
            break;
        }
        if begin.elapsed() >= PATIENCE {
            return Err(TransferError::InUse(format!("{others} other connections of its user are open")));
        }
        tokio::time::sleep(PAUSE).await;
    }
    // Until the end of the transaction nobody can write, and this connection sees one moment.
    let lock = format!("BEGIN ISOLATION LEVEL REPEATABLE READ; LOCK TABLE {} IN SHARE MODE", names());
    conn.batch_execute(&lock).await.map_err(failed)?;
    Ok(())
}

async fn has_lock(conn: &mut AsyncPgConnection) -> Result<bool, TransferError> {
    let ask = format!("SELECT pg_try_advisory_lock({ADVISORY_LOCK})::int::bigint AS number");
    Ok(number(conn, &ask).await? == 1)
}

/// How many other connections the user of this one has to the database. Those of other users, such as monitoring, are
/// not counted.
async fn others(conn: &mut AsyncPgConnection) -> Result<i64, TransferError> {
    let ask = "SELECT count(*) AS number FROM pg_stat_activity \
        WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()";
    number(conn, ask).await
}

async fn number(conn: &mut AsyncPgConnection, query: &str) -> Result<i64, TransferError> {
    let row: Number = diesel::sql_query(query)
        .get_result(conn)
        .await
        .map_err(|error| metadata_error(error, Server::Postgres, STATEMENT))?;
    Ok(row.number)
}
