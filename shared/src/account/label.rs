//! The label of a token, by which its user recognises the device or the program that logged in.

use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::sql_text::to_sql_text;

/// The longest label, in characters.
const LONGEST: usize = 100;

/// The label of a token: at most 100 characters without control characters; it may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, AsExpression)]
#[diesel(sql_type = Text)]
pub struct TokenLabel(String);

impl TokenLabel {
    /// Makes a label of any text. What does not fit is cut off.
    pub fn of(text: &str) -> Self {
        let printable = text.chars().filter(|character| !character.is_control());
        Self(printable.take(LONGEST).collect::<String>().trim().to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

to_sql_text!(TokenLabel, as_str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_short_and_on_one_line() {
        assert_eq!(TokenLabel::of(" Ada's\nphone\0 ").as_str(), "Ada'sphone");
        assert_eq!(TokenLabel::of(&"ü".repeat(101)).as_str(), "ü".repeat(100));
    }
}
