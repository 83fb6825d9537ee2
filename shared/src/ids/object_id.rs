//! The random id that all object keys of an image begin with.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::sql_text::{from_sql_text, to_sql_text};

const DIGITS: usize = 32;

/// The id of an image in the object store: exactly 32 lower-case hexadecimal digits. They are random, so that nobody
/// can guess the object keys of an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct ObjectId(String);

impl ObjectId {
    /// Makes a new random id.
    pub fn random() -> Self {
        Self(hex::encode(rand::random::<[u8; DIGITS / 2]>()))
    }

    /// The id's digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first two digits. They are the name of the folder that contains the image's own folder.
    pub fn shard(&self) -> &str {
        &self.0[..2]
    }
}

impl FromStr for ObjectId {
    type Err = BadObjectId;

    fn from_str(text: &str) -> Result<Self, BadObjectId> {
        let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == DIGITS && text.bytes().all(is_digit) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadObjectId(text.to_owned()))
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

to_sql_text!(ObjectId, as_str);
from_sql_text!(ObjectId);

/// The error for a text that is not 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an object id, which has {DIGITS} lower-case hexadecimal digits")]
pub struct BadObjectId(String);

#[cfg(test)]
mod tests {
    use super::ObjectId;

    #[test]
    fn a_random_id_is_read_back_as_itself() {
        let id = ObjectId::random();
        assert_eq!(id.to_string().parse(), Ok(id.clone()));
        assert_ne!(ObjectId::random(), id);
        assert!(id.as_str().starts_with(id.shard()) && id.shard().len() == 2);
    }

    #[test]
    fn anything_but_32_lower_case_hexadecimal_digits_is_refused() {
        let digits = "0123456789abcdef0123456789abcdef";
        assert!(digits.parse::<ObjectId>().is_ok());
        for text in
            ["", &digits[1..], &format!("{digits}0"), &digits.to_uppercase(), &digits.replace('f', "g")]
        {
            assert!(text.parse::<ObjectId>().is_err(), "{text}");
        }
        assert!("é".repeat(16).parse::<ObjectId>().is_err());
    }
}
