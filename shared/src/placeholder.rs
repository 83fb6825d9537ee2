//! The placeholder of an image: a ThumbHash, from which a client paints a blurred picture before it has loaded a variant.
//! <https://evanw.github.io/thumbhash/>

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::Serialize;

use crate::sql_text::{from_sql_text, to_sql_text};

/// The length of the shortest and of the longest ThumbHash in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 5..=25;

/// A ThumbHash in base64, as clients get it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct Placeholder(String);

impl Placeholder {
    /// Makes the placeholder of the bytes of a ThumbHash; `None` if it cannot be one.
    pub fn of(hash: &[u8]) -> Option<Self> {
        LENGTHS.contains(&hash.len()).then(|| Self(STANDARD.encode(hash)))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Placeholder {
    type Err = BadPlaceholder;

    fn from_str(text: &str) -> Result<Self, BadPlaceholder> {
        STANDARD.decode(text).ok().and_then(|hash| Self::of(&hash)).ok_or(BadPlaceholder)
    }
}

/// The error for a text that is not a placeholder.
#[derive(Debug, thiserror::Error)]
#[error("it is not a ThumbHash in base64")]
pub struct BadPlaceholder;

to_sql_text!(Placeholder, as_str);
from_sql_text!(Placeholder);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_read_back_from_its_text() {
        let placeholder = Placeholder::of(&[7; 25]).expect("a hash");
        assert_eq!(placeholder.as_str().parse::<Placeholder>().expect("a placeholder"), placeholder);
        assert!(Placeholder::of(&[7; 26]).is_none() && Placeholder::of(&[7; 4]).is_none());
        assert!("!".parse::<Placeholder>().is_err());
    }
}
