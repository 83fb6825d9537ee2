//! The log as JSON, one object a line.

use std::io::{self, Write};

use chrono::{SecondsFormat, Utc};
use env_logger::fmt::Formatter;
use log::Record;
use log::kv::{Error, Key, Value as Field, VisitSource};
use serde_json::{Map, Value, json};

/// Writes a record as one line. Its fields stand beside `time`, `level`, `target` and `message`, which no field replaces.
pub(super) fn line(to: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let mut fields = Fields(Map::new());
    record.key_values().visit(&mut fields).map_err(io::Error::other)?;
    let Fields(mut object) = fields;
    object.insert("time".into(), json!(Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true)));
    object.insert("level".into(), json!(record.level().as_str().to_ascii_lowercase()));
    object.insert("target".into(), json!(record.target()));
    object.insert("message".into(), json!(record.args().to_string()));
    writeln!(to, "{}", Value::Object(object))
}

struct Fields(Map<String, Value>);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: Key<'kvs>, field: Field<'kvs>) -> Result<(), Error> {
        // What JSON does not know, such as an infinite number, is written as text.
        let value = serde_json::to_value(&field).unwrap_or_else(|_| json!(field.to_string()));
        self.0.insert(key.as_str().into(), value);
        Ok(())
    }
}
