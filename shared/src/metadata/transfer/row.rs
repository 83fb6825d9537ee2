//! Rows as JSON. A value is spelled in the same way, whichever database it comes from.

use chrono::{NaiveDateTime, SubsecRound};
use serde_json::{Map, Value};

use super::tables::Table;

/// A column, as the catalog of a database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Time,
    Flag,
    /// A number or a text, which both databases spell in the same way.
    Plain,
}

/// A row, by the names of its columns.
pub(super) type Row = Map<String, Value>;

/// As diesel writes times to SQLite, where they are compared as texts.
const TIME: &str = "%F %T%.f";
/// As PostgreSQL writes times into JSON.
const ISO_TIME: &str = "%FT%T%.f";

impl Column {
    pub(super) fn new(name: String, sql_type: &str) -> Self {
        let sql_type = sql_type.to_ascii_lowercase();
        let kind = match sql_type.as_str() {
            "boolean" => Kind::Flag,
            time if time.starts_with("timestamp") => Kind::Time,
            _ => Kind::Plain,
        };
        Self { name, kind }
    }

    fn in_one_spelling(&self, value: Value) -> Option<Value> {
        Some(match (self.kind, value) {
            (_, Value::Null) => Value::Null,
            (Kind::Flag, Value::Number(number)) => Value::Bool(number.as_i64()? != 0),
            (Kind::Time, Value::String(text)) => {
                let time = NaiveDateTime::parse_from_str(&text, TIME)
                    .or_else(|_| NaiveDateTime::parse_from_str(&text, ISO_TIME))
                    .ok()?;
                // PostgreSQL keeps microseconds, and SQLite whatever it gets.
                Value::String(time.trunc_subsecs(6).format(TIME).to_string())
            }
            (_, value) => value,
        })
    }
}

/// Reads a row that a database has written as JSON; `Err` names what cannot be read.
pub(super) fn read(table: &Table, columns: &[Column], json: &str) -> Result<Row, String> {
    let mut found: Row = serde_json::from_str(json).map_err(|error| format!("{}: {error}", table.name))?;
    let mut row = Row::new();
    for column in columns {
        let value = found.remove(&column.name).unwrap_or(Value::Null);
        let value = column
            .in_one_spelling(value)
            .ok_or_else(|| format!("a value of {}.{} cannot be read", table.name, column.name))?;
        row.insert(column.name.clone(), value);
    }
    as_in_another_place(table, &mut row);
    Ok(row)
}

/// Forgets that a queue has the job of a waiting image, since the queue of another place does not have it. So upkeep
/// publishes the job there at once, and not only when it finds that the queue has lost it.
fn as_in_another_place(table: &Table, row: &mut Row) {
    if table.name == "images" && row["state"] == "pending" {
        for column in ["queued_at", "due_at", "reserved_until"] {
            row[column] = Value::Null;
        }
        row["publishes"] = 0.into();
    }
}

#[cfg(test)]
mod tests {
    use super::super::tables::TABLES;
    use super::*;

    #[test]
    fn the_rows_of_both_databases_have_one_spelling() {
        let columns = [
            Column::new("id".into(), "INTEGER"),
            Column::new("active".into(), "BOOLEAN"),
            Column::new("created_at".into(), "timestamp without time zone"),
        ];
        let sqlite = r#"{"id":1,"active":1,"created_at":"2026-11-27 05:51:44.93"}"#;
        let postgres = r#"{"id":1,"active":true,"created_at":"2026-11-27T05:51:44.930"}"#;
        let read = |json| read(&TABLES[0], &columns, json).expect("a row");
        assert_eq!(read(sqlite), read(postgres));
        assert_eq!(read(sqlite)["created_at"], "2026-11-27 05:51:44.930");
        let finer = r#"{"id":1,"active":1,"created_at":"2026-11-27 05:51:44.930000999"}"#;
        assert_eq!(read(finer), read(postgres));
    }
}
