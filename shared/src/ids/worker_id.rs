//! The random id of a running worker.

use std::fmt;

use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::sql_text::to_sql_text;

/// The id of a running worker: 32 hexadecimal digits, which each worker makes when it starts. Two workers on one host
/// may have the same process id, in containers of their own, so that does not tell them apart.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression)]
#[diesel(sql_type = Text)]
pub struct WorkerId(String);

impl WorkerId {
    /// Makes a new random id.
    pub fn random() -> Self {
        Self(hex::encode(rand::random::<[u8; 16]>()))
    }

    /// The id's digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

to_sql_text!(WorkerId, as_str);
