//! The sizes of the database: the data that it keeps, and its write-ahead log.

use super::Database;

/// The sizes of the database in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// The size of all tables and indexes.
    pub(crate) kept: u64,
    /// The bytes written to the write-ahead log since the server was set up.
    pub(crate) log: u64,
}

impl Database {
    /// Writes all changed pages to disk, so that they do not count for the next measurement.
    pub(crate) async fn checkpoint(&self) -> anyhow::Result<()> {
        Ok(self.client.batch_execute("CHECKPOINT").await?)
    }

    pub(crate) async fn sizes(&self) -> anyhow::Result<Sizes> {
        let query = "SELECT pg_database_size(current_database()), pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint";
        let row = self.client.query_one(query, &[]).await?;
        let bytes = |column| u64::try_from(row.get::<_, i64>(column));
        Ok(Sizes { kept: bytes(0)?, log: bytes(1)? })
    }
}
