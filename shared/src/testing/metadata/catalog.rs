//! The tables of a database, which are read from its catalog, and rows that fill them. So a test covers the tables of a
//! new migration without naming them.

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};

use super::postgres;
use crate::settings::DatabaseUrl;

/// A column: its name and its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    kind: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The answer to a query of one text column that is called `line`.
async fn lines(url: &DatabaseUrl, query: &str) -> Vec<String> {
    match url {
        DatabaseUrl::Sqlite(file) => {
            let mut conn = SqliteConnection::establish(&file.to_string_lossy()).expect("opens the file");
            let lines: Vec<Line> = diesel::sql_query(query).load(&mut conn).expect("answers");
            lines.into_iter().map(|line| line.line).collect()
        }
        DatabaseUrl::Postgres(url) => {
            let rows = postgres(url).await.query(query, &[]).await.expect("answers");
            rows.iter().map(|row| row.get("line")).collect()
        }
    }
}

async fn attempt(url: &DatabaseUrl, sql: &str) -> Result<(), String> {
    match url {
        DatabaseUrl::Sqlite(file) => {
            let mut conn = SqliteConnection::establish(&file.to_string_lossy()).expect("opens the file");
            conn.batch_execute(sql).map_err(|error| format!("{sql}: {error:?}"))
        }
        DatabaseUrl::Postgres(url) => {
            postgres(url).await.batch_execute(sql).await.map_err(|error| format!("{sql}: {error:?}"))
        }
    }
}

/// The names of all tables but that of the migrations.
pub(super) async fn tables(url: &DatabaseUrl) -> Vec<String> {
    let query = match url {
        DatabaseUrl::Sqlite(_) => {
            "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
        }
        DatabaseUrl::Postgres(_) => {
            "SELECT table_name::text AS line FROM information_schema.tables \
             WHERE table_schema = current_schema() ORDER BY 1"
        }
    };
    let mut tables = lines(url, query).await;
    tables.retain(|table| table != "__diesel_schema_migrations");
    tables
}

pub(super) async fn columns(url: &DatabaseUrl, table: &str) -> Vec<Column> {
    let query = match url {
        DatabaseUrl::Sqlite(_) => {
            format!("SELECT name || ' ' || type AS line FROM pragma_table_info('{table}')")
        }
        DatabaseUrl::Postgres(_) => format!(
            "SELECT column_name || ' ' || data_type AS line FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = '{table}' ORDER BY ordinal_position"
        ),
    };
    let split = |line: String| {
        let (name, kind) = line.split_once(' ').expect("a name and a type");
        Column { name: name.to_owned(), kind: kind.to_ascii_lowercase() }
    };
    lines(url, &query).await.into_iter().map(split).collect()
}

/// Everything that migrations define, as text: columns, constraints, indexes, triggers and functions.
pub(super) async fn schema(url: &DatabaseUrl) -> Vec<String> {
    let mut schema = Vec::new();
    for table in tables(url).await {
        let query = match url {
            DatabaseUrl::Sqlite(_) => format!(
                "SELECT '{table} ' || name || ' ' || type || ' ' || \"notnull\" || ' ' || COALESCE(dflt_value, '') AS line \
                 FROM pragma_table_info('{table}')"
            ),
            DatabaseUrl::Postgres(_) => format!(
                "SELECT concat_ws(' ', '{table}', column_name, data_type, is_nullable, column_default) AS line \
                 FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '{table}'"
            ),
        };
        schema.extend(lines(url, &query).await);
    }
    let others: &[&str] = match url {
        DatabaseUrl::Sqlite(_) => &["SELECT type || ' ' || name || ' ' || COALESCE(sql, '') AS line \
            FROM sqlite_master WHERE type <> 'table'"],
        DatabaseUrl::Postgres(_) => &[
            "SELECT indexdef::text AS line FROM pg_indexes WHERE schemaname = current_schema()",
            "SELECT conname || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint \
             WHERE connamespace = current_schema()::regnamespace",
            "SELECT pg_get_triggerdef(oid)::text AS line FROM pg_trigger WHERE NOT tgisinternal",
            "SELECT proname || ' ' || prosrc AS line FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
        ],
    };
    for query in others {
        schema.extend(lines(url, query).await);
    }
    // This table is made by diesel.
    schema.retain(|line| !line.contains("__diesel_schema_migrations"));
    schema.sort();
    schema
}

/// Inserts a row with this number into every table, with a value in every column, unless the table has such a row.
pub(super) async fn fill(url: &DatabaseUrl, number: usize) {
    let mut left = Vec::new();
    for table in tables(url).await {
        let columns = columns(url, &table).await;
        let names: Vec<_> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        let values: Vec<_> = columns.iter().map(|column| value(&table, column, number)).collect();
        let overriding = match url {
            DatabaseUrl::Sqlite(_) => "",
            DatabaseUrl::Postgres(_) => "OVERRIDING SYSTEM VALUE ",
        };
        left.push(format!(
            "INSERT INTO {table} ({}) {overriding}VALUES ({}) ON CONFLICT DO NOTHING",
            names.join(", "),
            values.join(", ")
        ));
    }
    // A table may refer to one that comes later.
    while !left.is_empty() {
        let (mut refused, mut reason) = (Vec::new(), String::new());
        for insert in &left {
            if let Err(error) = attempt(url, insert).await {
                refused.push(insert.clone());
                reason = error;
            }
        }
        assert!(refused.len() < left.len(), "no row could be inserted: {reason}");
        left = refused;
    }
}

/// A value that the constraints of the column allow.
fn value(table: &str, Column { name, kind }: &Column, number: usize) -> String {
    match (table, name.as_str(), kind.as_str()) {
        // It has one row, which the migration inserts.
        ("image_event_ids", "id", _) => "1".into(),
        (_, "state", _) => "'ready'".into(),
        (_, "kind", _) => "'accepted'".into(),
        (_, _, kind) if kind.starts_with("timestamp") => format!("'2026-01-02 03:04:{number:02}.678901'"),
        (_, _, "boolean") => "TRUE".into(),
        (_, _, "text") => format!("'{name} \u{e4}\"\\ {number}'"),
        _ => number.to_string(),
    }
}

/// The values of these columns in all rows, sorted.
pub(super) async fn rows(url: &DatabaseUrl, table: &str, columns: &[Column]) -> Vec<String> {
    let query = match url {
        DatabaseUrl::Sqlite(_) => {
            let pairs: Vec<_> = columns.iter().map(|column| format!("'{0}', \"{0}\"", column.name)).collect();
            format!("SELECT json_object({}) AS line FROM {table}", pairs.join(", "))
        }
        DatabaseUrl::Postgres(_) => {
            let names: Vec<_> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
            format!(
                "SELECT row_to_json(r)::text AS line FROM (SELECT {} FROM {table}) AS r",
                names.join(", ")
            )
        }
    };
    let mut rows = lines(url, &query).await;
    rows.sort();
    rows
}
