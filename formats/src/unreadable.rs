//! The reasons why the lenient reading cannot use a file.

use std::borrow::Cow;
use std::fmt;

/// The reason why a file cannot be read even leniently. `Display` gives a phrase for logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The file ends before its first picture is complete enough.
    EndedEarly,
    /// The file contradicts itself or its format.
    Damaged(&'static str),
    /// The file uses this feature of its format, which is not supported.
    Unsupported(Cow<'static, str>),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndedEarly => f.write_str("the file ends too early"),
            Self::Damaged(what) => f.write_str(what),
            Self::Unsupported(feature) => write!(f, "{feature} is not supported"),
        }
    }
}

impl std::error::Error for Unreadable {}
