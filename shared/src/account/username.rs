//! The name of a user.

use std::fmt;
use std::str::FromStr;

use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::sql_text::to_sql_text;

/// The longest name, in characters. It is Django's own limit.
const LONGEST: usize = 150;

/// The name of a user: 1 to 150 characters, and none of them is NUL.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression)]
#[diesel(sql_type = Text)]
pub struct Username(String);

impl Username {
    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

to_sql_text!(Username, as_str);

impl FromStr for Username {
    type Err = BadUsername;

    fn from_str(name: &str) -> Result<Self, BadUsername> {
        if name.is_empty() {
            Err(BadUsername::Empty)
        } else if name.chars().count() > LONGEST {
            Err(BadUsername::TooLong)
        } else if name.contains('\0') {
            // Postgres cannot store this character in a text column.
            Err(BadUsername::Nul)
        } else {
            Ok(Self(name.to_owned()))
        }
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The reason for which a text cannot be the name of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadUsername {
    /// The text is empty.
    #[error("A username has at least one character.")]
    Empty,
    /// The text is longer than a name may be.
    #[error("A username has at most {LONGEST} characters.")]
    TooLong,
    /// The text contains a character that cannot be stored.
    #[error("A username cannot contain the character NUL.")]
    Nul,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_150_characters_without_nul() {
        for name in ["a", "Ada Lovelace", "🦊", &"ü".repeat(150)] {
            assert_eq!(name.parse::<Username>().map(|name| name.to_string()), Ok(name.to_owned()));
        }
        assert_eq!("".parse::<Username>(), Err(BadUsername::Empty));
        assert_eq!("ü".repeat(151).parse::<Username>(), Err(BadUsername::TooLong));
        assert_eq!("a\0b".parse::<Username>(), Err(BadUsername::Nul));
    }
}
