//! Why the lenient reading gets nothing out of a file.

use std::borrow::Cow;
use std::fmt;

/// Why a file cannot be read even leniently; `Display` is a phrase for logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The file ends before its first picture does.
    EndedEarly,
    /// What the file says contradicts itself or the format.
    Damaged(&'static str),
    /// The file uses this feature of its format, which is not decoded.
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
