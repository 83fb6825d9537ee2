//! The statements of a copy, which name tables and columns that only the catalog knows.

use super::row::Column;
use super::tables::Table;
use crate::metadata::error::Server;

/// The statements that begin the transaction of the target. On PostgreSQL they lock its tables, so that nobody else writes
/// to them. A SQLite file that is held has no other writer anyway.
pub(super) fn begin(server: Server) -> String {
    match server {
        Server::Sqlite => "BEGIN IMMEDIATE".into(),
        Server::Postgres => {
            format!("BEGIN; LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", super::tables::names())
        }
    }
}

/// The names and types of the columns of a table, which is bound.
pub(super) fn columns(server: Server) -> &'static str {
    match server {
        Server::Sqlite => "SELECT name AS name, type AS kind FROM pragma_table_info($1) ORDER BY name",
        Server::Postgres => {
            "SELECT column_name::text AS name, data_type::text AS kind FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY 1"
        }
    }
}

/// A page of rows as JSON, after a number (and a text) that are bound.
pub(super) fn page(server: Server, table: &Table, columns: &[Column], rows: usize) -> String {
    let Table { name, number, .. } = table;
    // Both databases compare the text byte by byte.
    let collation = match server {
        Server::Sqlite => "BINARY",
        Server::Postgres => "\"C\"",
    };
    let (after, order) = match table.text {
        None => (format!("{number} > $1"), number.to_string()),
        Some(text) => (
            format!("{number} >= $1 AND ({number} > $1 OR {text} COLLATE {collation} > $2)"),
            format!("{number}, {text} COLLATE {collation}"),
        ),
    };
    let select = match server {
        Server::Sqlite => {
            let pairs: Vec<_> =
                columns.iter().map(|Column { name, .. }| format!("'{name}', \"{name}\"")).collect();
            format!("json_object({})", pairs.join(", "))
        }
        Server::Postgres => format!("row_to_json({name})::text"),
    };
    format!("SELECT {select} AS json FROM {name} WHERE {after} ORDER BY {order} LIMIT {rows}")
}

/// Inserts the rows of a JSON list, which is bound.
pub(super) fn insert(server: Server, table: &Table, columns: &[Column]) -> String {
    let name = table.name;
    let quoted: Vec<_> = columns.iter().map(|Column { name, .. }| format!("\"{name}\"")).collect();
    let quoted = quoted.join(", ");
    match server {
        Server::Sqlite => {
            let values: Vec<_> = columns
                .iter()
                .map(|Column { name, .. }| format!("json_extract(value, '$.{name}')"))
                .collect();
            format!("INSERT INTO {name} ({quoted}) SELECT {} FROM json_each($1)", values.join(", "))
        }
        Server::Postgres => format!(
            "INSERT INTO {name} ({quoted}) OVERRIDING SYSTEM VALUE \
             SELECT {quoted} FROM json_populate_recordset(NULL::{name}, CAST($1 AS json))"
        ),
    }
}

/// The last id that was given to a row of the table, also if that row is gone; 0 if there was none.
pub(super) fn last_id(server: Server, table: &Table) -> String {
    let name = table.name;
    match server {
        Server::Sqlite => {
            format!("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = '{name}'), 0) AS number")
        }
        // The name of the sequence of an identity column.
        Server::Postgres => {
            format!("SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS number FROM {name}_id_seq")
        }
    }
}

/// Lets the next row of the table have the id after `last`.
pub(super) fn set_last_id(server: Server, table: &Table, last: i64) -> String {
    let name = table.name;
    match server {
        Server::Sqlite => format!(
            "DELETE FROM sqlite_sequence WHERE name = '{name}'; \
             INSERT INTO sqlite_sequence (name, seq) VALUES ('{name}', {last})"
        ),
        Server::Postgres => {
            format!("SELECT setval(pg_get_serial_sequence('{name}', 'id'), {}, {})", last.max(1), last > 0)
        }
    }
}
