//! Passwords: Argon2id with OWASP's parameters, which are the crate's defaults.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};

/// Hashing failed, for want of memory or randomness.
#[derive(Debug, thiserror::Error)]
#[error("password hashing: {0}")]
pub struct PasswordError(String);

/// What an unknown user's password is checked against, so that it takes as long as a known one's.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

/// Hashes a password into a PHC string. Takes tens of milliseconds of CPU.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    let hash: Result<argon2::password_hash::phc::PasswordHash, _> =
        Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| PasswordError(error.to_string()))
}

/// Whether the password is the hash's; never so without a hash. Takes tens of milliseconds of CPU.
pub(crate) fn is_right(password: &str, hash: Option<&str>) -> bool {
    let parsed = PasswordHash::new(hash.unwrap_or(&NOBODY));
    let matches =
        parsed.is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
    matches && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_is_right() {
        let hash = hash("correct horse").expect("a hash");
        assert!(hash.starts_with("$argon2id$"));
        assert!(is_right("correct horse", Some(&hash)));
        assert!(!is_right("battery staple", Some(&hash)));
        assert!(!is_right("nobody has this password", None));
    }
}
