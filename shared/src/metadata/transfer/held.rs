//! A database that one process has for itself.

use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use super::TransferError;
use super::digest::TableDigest;
use super::row::{self, Column, Row};
use super::statements;
use super::tables::{FILLED_BY_MIGRATIONS, TABLES, Table};
use crate::metadata::MetadataError;
use crate::metadata::error::{Server, metadata_error};

/// How many rows are in memory at a time.
const PAGE: usize = 500;

const STATEMENT: &str = "transfer";

#[expect(clippy::large_enum_variant, reason = "a process has two of them at most")]
pub(super) enum Connection {
    Sqlite(Object<SyncConnectionWrapper<SqliteConnection>>),
    Postgres(Object<AsyncPgConnection>),
}

/// A database that nobody else changes meanwhile. It is free again when this is dropped and its store too.
pub struct HeldDatabase(Connection);

/// What the tables of a database contain, by their names.
pub type Overview = BTreeMap<&'static str, TableDigest>;

#[derive(QueryableByName)]
struct Json {
    #[diesel(sql_type = Text)]
    json: String,
}

#[derive(QueryableByName)]
struct CatalogColumn {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

#[derive(QueryableByName)]
pub(super) struct Number {
    #[diesel(sql_type = BigInt)]
    pub(super) number: i64,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Runs one body on the held connection.
macro_rules! on_held {
    ($held:expr, |$conn:ident| $body:expr) => {
        match &mut $held.0 {
            Connection::Sqlite(pooled) => {
                let $conn = &mut **pooled;
                $body.await.map_err(|error| metadata_error(error, Server::Sqlite, STATEMENT))
            }
            Connection::Postgres(pooled) => {
                let $conn = &mut **pooled;
                $body.await.map_err(|error| metadata_error(error, Server::Postgres, STATEMENT))
            }
        }
    };
}

impl HeldDatabase {
    pub(super) fn new(connection: Connection) -> Self {
        Self(connection)
    }

    /// The versions of the migrations that have run, in their order; none if the database was never migrated.
    pub async fn versions(&mut self) -> Result<Vec<String>, MetadataError> {
        let query = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
        let versions: Result<Vec<Version>, _> =
            on_held!(self, |conn| diesel::sql_query(query).load::<Version>(conn));
        match versions {
            Ok(versions) => Ok(versions.into_iter().map(|row| row.version).collect()),
            Err(MetadataError::Defect { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// The first table that shows that the database is in use; `None` if there is nothing in it.
    pub async fn first_filled(&mut self) -> Result<Option<&'static str>, MetadataError> {
        for table in TABLES.iter().filter(|table| !FILLED_BY_MIGRATIONS.contains(&table.name)) {
            let any =
                format!("SELECT COUNT(*) AS number FROM (SELECT 1 FROM {} LIMIT 1) AS first", table.name);
            if self.number(&any).await? > 0 {
                return Ok(Some(table.name));
            }
        }
        Ok(None)
    }

    /// How many rows there are in all tables together.
    pub async fn rows(&mut self) -> Result<u64, MetadataError> {
        let mut rows = 0;
        for table in &TABLES {
            rows += self.number(&format!("SELECT COUNT(*) AS number FROM {}", table.name)).await?;
        }
        Ok(rows.unsigned_abs())
    }

    /// Reads all tables, and returns the digest of each. `read` is called after each page, with its number of rows.
    pub async fn overview(&mut self, mut read: impl FnMut(usize)) -> Result<Overview, TransferError> {
        let mut overview = Overview::new();
        for table in &TABLES {
            overview.insert(table.name, self.digest(table, &mut read).await?);
        }
        Ok(overview)
    }

    /// Copies all rows of `source`, compares what was written with what was read, and commits. If anything goes wrong,
    /// there is nothing in this database as before. `written` is called after each page that was written or read
    /// back, with its number of rows.
    ///
    /// # Errors
    /// [`TransferError::NotEmpty`] if there is something in this database already.
    pub async fn copy_from(
        &mut self,
        source: &mut Self,
        written: impl FnMut(usize),
    ) -> Result<Overview, TransferError> {
        self.run(&statements::begin(self.server())).await?;
        let copied = self.copy_rows(source, written).await;
        let end = if copied.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.run(end).await;
        let copied = copied?;
        ended?;
        Ok(copied)
    }

    async fn copy_rows(
        &mut self,
        source: &mut Self,
        mut written: impl FnMut(usize),
    ) -> Result<Overview, TransferError> {
        if let Some(table) = self.first_filled().await? {
            return Err(TransferError::NotEmpty(table));
        }
        let mut overview = Overview::new();
        for table in &TABLES {
            overview.insert(table.name, self.copy_table(source, table, &mut written).await?);
        }
        for table in &TABLES {
            if self.digest(table, &mut written).await? != overview[table.name] {
                return Err(TransferError::Differs(table.name));
            }
        }
        Ok(overview)
    }

    async fn copy_table(
        &mut self,
        source: &mut Self,
        table: &'static Table,
        written: &mut impl FnMut(usize),
    ) -> Result<TableDigest, TransferError> {
        let columns = self.columns(table).await?;
        if names(&columns) != names(&source.columns(table).await?) {
            return Err(TransferError::OtherVersion(format!("the columns of {} are others", table.name)));
        }
        // What triggers have written for the tables before, and what the migrations have.
        self.run(&format!("DELETE FROM {}", table.name)).await?;
        let insert = statements::insert(self.server(), table, &columns);
        let (mut digest, mut pages) = (TableDigest::default(), Pages::default());
        while let Some(rows) = pages.next(source, table).await? {
            rows.iter().for_each(|row| digest.add(row));
            let json = serde_json::to_string(&rows).map_err(|error| defect(error.to_string()))?;
            on_held!(self, |conn| diesel::sql_query(&insert).bind::<Text, _>(&json).execute(conn))?;
            written(rows.len());
        }
        if table.has_sequence {
            let last = source.number(&statements::last_id(source.server(), table)).await?;
            let last = last.max(pages.number);
            self.run(&statements::set_last_id(self.server(), table, last)).await?;
        }
        Ok(digest)
    }

    async fn digest(
        &mut self,
        table: &'static Table,
        read: &mut impl FnMut(usize),
    ) -> Result<TableDigest, TransferError> {
        let (mut digest, mut pages) = (TableDigest::default(), Pages::default());
        while let Some(rows) = pages.next(self, table).await? {
            rows.iter().for_each(|row| digest.add(row));
            read(rows.len());
        }
        Ok(digest)
    }

    async fn columns(&mut self, table: &Table) -> Result<Vec<Column>, MetadataError> {
        let query = statements::columns(self.server());
        let columns: Vec<CatalogColumn> = on_held!(self, |conn| diesel::sql_query(query)
            .bind::<Text, _>(table.name)
            .load::<CatalogColumn>(conn))?;
        Ok(columns.into_iter().map(|column| Column::new(column.name, &column.kind)).collect())
    }

    async fn number(&mut self, query: &str) -> Result<i64, MetadataError> {
        let row: Number = on_held!(self, |conn| diesel::sql_query(query).get_result::<Number>(conn))?;
        Ok(row.number)
    }

    async fn run(&mut self, statements: &str) -> Result<(), MetadataError> {
        on_held!(self, |conn| conn.batch_execute(statements))
    }

    fn server(&self) -> Server {
        match self.0 {
            Connection::Sqlite(_) => Server::Sqlite,
            Connection::Postgres(_) => Server::Postgres,
        }
    }
}

/// The rows of a table, read page by page in the order of their keys.
#[derive(Default)]
struct Pages {
    columns: Vec<Column>,
    number: i64,
    text: String,
}

impl Pages {
    /// The next rows; `None` at the end.
    async fn next(
        &mut self,
        database: &mut HeldDatabase,
        table: &Table,
    ) -> Result<Option<Vec<Row>>, MetadataError> {
        if self.columns.is_empty() {
            self.columns = database.columns(table).await?;
        }
        let query = statements::page(database.server(), table, &self.columns, PAGE);
        let (number, text) = (self.number, self.text.clone());
        let page: Vec<Json> = if table.text.is_some() {
            on_held!(database, |conn| diesel::sql_query(query)
                .bind::<BigInt, _>(number)
                .bind::<Text, _>(text)
                .load::<Json>(conn))?
        } else {
            on_held!(database, |conn| diesel::sql_query(query).bind::<BigInt, _>(number).load::<Json>(conn))?
        };
        let rows: Result<Vec<_>, _> =
            page.iter().map(|row| row::read(table, &self.columns, &row.json)).collect();
        let rows = rows.map_err(defect)?;
        let Some(last) = rows.last() else { return Ok(None) };
        let key = |column: &str| last.get(column).cloned().unwrap_or_default();
        self.number = key(table.number).as_i64().ok_or_else(|| defect("a key that is no number".into()))?;
        if let Some(text) = table.text {
            self.text = key(text).as_str().unwrap_or_default().to_owned();
        }
        Ok(Some(rows))
    }
}

fn names(columns: &[Column]) -> Vec<&str> {
    columns.iter().map(|column| column.name.as_str()).collect()
}

fn defect(cause: String) -> MetadataError {
    MetadataError::Defect { statement: STATEMENT, cause }
}
