//! The name of a user.

use std::fmt;
use std::str::FromStr;

use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use unicode_normalization::UnicodeNormalization;

use crate::sql_text::to_sql_text;

/// The longest name, in characters. It is Django's own limit.
const LONGEST: usize = 150;

/// The name of a user: 1 to 150 characters, and none of them is NUL. It is in the Unicode form NFKC, as Django's names
/// are, so that two names that look the same are the same.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression)]
#[diesel(sql_type = Text)]
pub struct Username {
    name: String,
    given: String,
}

impl Username {
    /// The name in the form NFKC.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The name as it was given. A user of an earlier release may have kept a name in another form.
    pub fn given(&self) -> &str {
        &self.given
    }
}

to_sql_text!(Username, as_str);

impl FromStr for Username {
    type Err = BadUsername;

    fn from_str(given: &str) -> Result<Self, BadUsername> {
        if given.is_empty() {
            return Err(BadUsername::Empty);
        }
        // A character becomes up to 18 characters, so the length is checked before and after.
        if given.chars().nth(LONGEST).is_some() {
            return Err(BadUsername::TooLong);
        }
        // Postgres cannot store this character in a text column.
        if given.contains('\0') {
            return Err(BadUsername::Nul);
        }
        let name: String = given.nfkc().collect();
        if name.chars().nth(LONGEST).is_some() {
            return Err(BadUsername::TooLong);
        }
        Ok(Self { name, given: given.to_owned() })
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
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

    #[test]
    fn names_that_look_the_same_are_the_same() {
        let name = |text: &str| text.parse::<Username>().map(|name| name.to_string());
        assert_eq!(name("ＡＤＡ"), Ok("ADA".into()));
        assert_eq!(name("Zoe\u{308}"), Ok("Zo\u{eb}".into()));
        assert_eq!(name("\u{fdfa}".repeat(9).as_str()), Err(BadUsername::TooLong), "18 characters each");
    }
}
