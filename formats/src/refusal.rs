//! Why the strict reading refuses a file.

use std::borrow::Cow;
use std::fmt;

use crate::cursor::ReadError;
use crate::format::Format;

/// Why a file is refused; `Display` is a sentence for the client that sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not an image of an accepted format, or its structure does not hold.
    Invalid,
    /// It is of a format that is known by this name and not accepted.
    Format(&'static str),
    /// It is of an accepted format, and has a feature that is not decoded: format and feature, as in
    /// "TIFF with LZMA compression".
    Feature(Cow<'static, str>),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid => f.write_str(
                "Upload a valid image. The file you uploaded was either not an image or a corrupted image.",
            ),
            Self::Format(name) => {
                write!(f, "{name} is not supported. Accepted formats are: ")?;
                for (index, format) in Format::ALL.into_iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    write!(f, "{separator}{}", format.title())?;
                }
                f.write_str(".")
            }
            Self::Feature(feature) => write!(f, "{feature} is not supported."),
        }
    }
}

impl std::error::Error for Refusal {}

/// Why an inspection gave no header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InspectError<E> {
    /// The file is at fault.
    Refused(Refusal),
    /// The source of the bytes failed.
    Source(E),
}

impl<E> From<Refusal> for InspectError<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<E> From<ReadError<E>> for InspectError<E> {
    /// A file that ends too early is at fault itself.
    fn from(error: ReadError<E>) -> Self {
        match error {
            ReadError::EndedEarly => Self::Refused(Refusal::Invalid),
            ReadError::Source(error) => Self::Source(error),
        }
    }
}
