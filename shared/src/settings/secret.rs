//! The secret that is used to sign URLs.

use std::fmt;

/// A secret of at least 32 bytes. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The length of the shortest secret that is accepted, in bytes.
    pub const MIN_LEN: usize = 32;

    /// Makes a secret of the bytes; `None` if they are too few.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() >= Self::MIN_LEN).then_some(Self(bytes))
    }

    /// The bytes of the secret, for signing.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
