//! The password of a user, and its hash. The hash is Argon2id with the parameters that OWASP recommends, which are the
//! defaults of the crate `argon2`.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};

/// The longest password in bytes. The bound keeps the time of hashing small.
const LONGEST: usize = 4096;

/// The hash that the password of an unknown user is compared with, so that a login takes the same time whether or not
/// the user exists.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| Password("nobody has this password".into()).hash().unwrap_or_default());

/// The password of a user: 1 to 4,096 bytes. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Hashes the password and returns a PHC string. This takes tens of milliseconds of CPU time.
    ///
    /// # Errors
    /// [`HashError`] if there is no memory or no randomness for it.
    pub fn hash(&self) -> Result<String, HashError> {
        let hash: Result<argon2::password_hash::phc::PasswordHash, _> =
            Argon2::default().hash_password(self.0.as_bytes());
        hash.map(|hash| hash.to_string()).map_err(|error| HashError(error.to_string()))
    }

    /// Checks the password of a new user, or a changed one. `least` is the setting for the fewest characters.
    ///
    /// # Errors
    /// [`BadPassword::TooShort`] if it has fewer characters. Users whose password is older may still log in with it.
    pub fn check_new(&self, least: usize) -> Result<(), BadPassword> {
        let is_long_enough = self.0.chars().count() >= least;
        is_long_enough.then_some(()).ok_or(BadPassword::TooShort { least })
    }

    /// Whether the hash was made of this password; `false` if there is no hash. This takes tens of milliseconds of CPU
    /// time in both cases.
    pub fn matches(&self, hash: Option<&str>) -> bool {
        let parsed = PasswordHash::new(hash.unwrap_or(&NOBODY));
        let matches =
            parsed.is_ok_and(|parsed| Argon2::default().verify_password(self.0.as_bytes(), &parsed).is_ok());
        matches && hash.is_some()
    }
}

impl FromStr for Password {
    type Err = BadPassword;

    fn from_str(password: &str) -> Result<Self, BadPassword> {
        match password.len() {
            0 => Err(BadPassword::Empty),
            1..=LONGEST => Ok(Self(password.to_owned())),
            _ => Err(BadPassword::TooLong),
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The reason for which a text cannot be a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// The text is empty.
    #[error("A password has at least one character.")]
    Empty,
    /// The text is longer than a password may be.
    #[error("A password has at most {LONGEST} bytes.")]
    TooLong,
    /// A new password has fewer characters than the setting asks for. The sentence is Django's.
    #[error("This password is too short. It must contain at least {least} character{}.", if *least == 1 { "" } else { "s" })]
    TooShort {
        /// The fewest characters.
        least: usize,
    },
}

/// The error for a password that could not be hashed, because memory or randomness was missing.
#[derive(Debug, thiserror::Error)]
#[error("the password cannot be hashed: {0}")]
pub struct HashError(String);

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        text.parse().expect("a password")
    }

    #[test]
    fn only_the_password_itself_matches_its_hash() {
        let hash = password("correct horse").hash().expect("a hash");
        assert!(hash.starts_with("$argon2id$"));
        assert!(password("correct horse").matches(Some(&hash)));
        assert!(!password("battery staple").matches(Some(&hash)));
        assert!(!password("nobody has this password").matches(None));
    }

    #[test]
    fn a_password_has_1_to_4096_bytes() {
        assert_eq!("".parse::<Password>(), Err(BadPassword::Empty));
        assert!("ü".repeat(2048).parse::<Password>().is_ok());
        assert_eq!("x".repeat(4097).parse::<Password>(), Err(BadPassword::TooLong));
    }

    #[test]
    fn a_new_password_has_as_many_characters_as_the_setting_asks_for() {
        assert_eq!(password("üüüüüüüü").check_new(8), Ok(()));
        let short = password("üüüüüüü").check_new(8).expect_err("7 characters");
        assert_eq!(short.to_string(), "This password is too short. It must contain at least 8 characters.");
    }

    #[test]
    fn a_password_is_not_printed() {
        assert_eq!(format!("{:?}", password("correct horse")), "Password(…)");
    }
}
