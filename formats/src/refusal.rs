//! The reasons why the strict reading refuses a file.

use std::borrow::Cow;
use std::fmt;

use crate::cursor::ReadError;
use crate::format::Format;

/// The reason why a file is refused. `Display` gives a sentence for the client that sent the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The file is not an image of an accepted format, or its structure is not valid.
    Invalid,
    /// The file has a known format with this name, which is not accepted.
    Format(&'static str),
    /// The file has an accepted format, but uses a feature that is not supported. The text names the format and the
    /// feature, as in "TIFF with LZMA compression".
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

/// The reason why an inspection returned no header.
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
    /// A file that ends too early is refused, and an error of the source stays one.
    fn from(error: ReadError<E>) -> Self {
        match error {
            ReadError::EndedEarly => Self::Refused(Refusal::Invalid),
            ReadError::Source(error) => Self::Source(error),
        }
    }
}
