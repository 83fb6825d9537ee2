//! The key that a client gives to an upload, so that it can repeat the upload over a bad network without making a second
//! image. <https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07>

use std::borrow::Cow;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use sha2::{Digest, Sha256};

use crate::sql_text::{from_sql_text, to_sql_text};

/// The most characters of a key.
const LONGEST: usize = 255;

/// The value of the header `Idempotency-Key`: 1 to 255 visible ASCII characters. It reads the quoted spelling, which is
/// a string of a structured header, as well as the bare one. Both are the same key.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The characters, without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = BadIdempotencyKey;

    fn from_str(text: &str) -> Result<Self, BadIdempotencyKey> {
        let key = match text.strip_prefix('"') {
            Some(quoted) => unquoted(quoted).ok_or(BadIdempotencyKey)?,
            None => Cow::Borrowed(text),
        };
        let is_good = (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        is_good.then(|| Self(key.into_owned())).ok_or(BadIdempotencyKey)
    }
}

/// The characters of a string whose first quote is removed. A backslash stands before a quote or a backslash alone.
/// <https://www.rfc-editor.org/rfc/rfc8941#section-4.2.5>
fn unquoted(quoted: &str) -> Option<Cow<'_, str>> {
    let inside = quoted.strip_suffix('"')?;
    if !inside.contains(['\\', '"']) {
        return Some(inside.into());
    }
    let mut key = String::with_capacity(inside.len());
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        key.push(match character {
            '\\' => characters.next().filter(|escaped| matches!(escaped, '\\' | '"'))?,
            '"' => return None,
            other => other,
        });
    }
    Some(key.into())
}

to_sql_text!(IdempotencyKey, as_str);
from_sql_text!(IdempotencyKey);

/// The error for a text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("1 to {LONGEST} visible ASCII characters are expected, in quotes or without")]
pub struct BadIdempotencyKey;

/// What two uploads with the same key have to have in common: SHA-256 of the file and of its name, in 64 hexadecimal
/// digits. Everything else of a request, such as the boundary of its parts, may differ from try to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadDigest(String);

impl UploadDigest {
    /// The digest of an upload, from the SHA-256 of its file in 64 hexadecimal digits.
    pub fn of(sha256: &str, file_name: &str) -> Self {
        // The first part always has the same length, so that the name cannot run into it.
        let digest = Sha256::new().chain_update(sha256).chain_update(file_name);
        Self(hex::encode(digest.finalize()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<String> {
        text.parse().ok().map(|IdempotencyKey(key)| key)
    }

    #[test]
    fn a_key_may_be_quoted_or_bare() {
        let key_of = |text: &str| key(text).expect("a key");
        assert_eq!(
            key_of("8e03978e-40d5-43dd-bc93-6894a57f9324"),
            key_of("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"")
        );
        assert_eq!(key_of(r#""a\"b\\c""#), r#"a"b\c"#);
        assert_eq!(key_of(r#"a"b\c"#), r#"a"b\c"#, "what is not quoted is taken as it is");
        assert_eq!(key_of(&"k".repeat(255)), "k".repeat(255));
        assert_eq!(key_of(&format!("\"{}\"", "k".repeat(255))), "k".repeat(255));
    }

    #[test]
    fn anything_but_1_to_255_visible_characters_is_refused() {
        let long = "k".repeat(256);
        for text in
            ["", "\"\"", "\"", "\"a", "\"a\"b\"", r#""a\""#, r#""a\b""#, "a b", "\"a b\"", "a\tb", "é", &long]
        {
            assert_eq!(key(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_digest_tells_files_and_names_apart() {
        let (one, other) = ("0".repeat(64), "1".repeat(64));
        let digest = UploadDigest::of(&one, "a.png");
        assert_eq!(digest, UploadDigest::of(&one, "a.png"));
        assert_ne!(digest, UploadDigest::of(&other, "a.png"));
        assert_ne!(digest, UploadDigest::of(&one, "b.png"));
    }
}
