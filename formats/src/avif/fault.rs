//! The faults that stop the grammar of AVIF.

use super::feature::Feature;
use crate::cursor::ReadError;
use crate::source::Source;

/// The result of a part of a reading.
pub(super) type Read<T, S> = Result<T, AvifFault<<S as Source>::Error>>;

/// The reason why a file cannot be read further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AvifFault<E> {
    /// The file ends before a part that is needed.
    EndedEarly,
    /// The file contradicts itself. The text is a short phrase that says how.
    Damaged(&'static str),
    /// The file uses a feature that is not supported.
    Unsupported(Feature),
    /// The source of the bytes failed.
    Source(E),
}

impl<E> From<ReadError<E>> for AvifFault<E> {
    /// Converts an error while fields are read. They are in a part of the file that is present, so a part that ends too
    /// early is damaged.
    fn from(error: ReadError<E>) -> Self {
        match error {
            ReadError::EndedEarly => Self::Damaged("a box is shorter than its fields"),
            ReadError::Source(error) => Self::Source(error),
        }
    }
}

impl<E> From<Feature> for AvifFault<E> {
    fn from(feature: Feature) -> Self {
        Self::Unsupported(feature)
    }
}

/// Returns `None` for an optional field that is too short.
pub(super) fn optional<T, E>(read: Result<T, ReadError<E>>) -> Result<Option<T>, AvifFault<E>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(ReadError::EndedEarly) => Ok(None),
        Err(ReadError::Source(error)) => Err(AvifFault::Source(error)),
    }
}
