//! Why the grammar of AVIF cannot go on.

use super::feature::Feature;
use crate::cursor::ReadError;
use crate::source::Source;

/// What a part of a reading gives.
pub(super) type Read<T, S> = Result<T, AvifFault<<S as Source>::Error>>;

/// Why a file cannot be read further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AvifFault<E> {
    /// The file ends before something that is needed.
    EndedEarly,
    /// The file contradicts itself; a plain phrase says how.
    Damaged(&'static str),
    /// The file has a feature that is not decoded.
    Unsupported(Feature),
    /// The source of the bytes failed.
    Source(E),
}

impl<E> From<ReadError<E>> for AvifFault<E> {
    /// Fields are read from a part of the file that is there: one that ends too early is not what it says.
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

/// Gives nothing where a field that may be passed over is too short.
pub(super) fn optional<T, E>(read: Result<T, ReadError<E>>) -> Result<Option<T>, AvifFault<E>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(ReadError::EndedEarly) => Ok(None),
        Err(ReadError::Source(error)) => Err(AvifFault::Source(error)),
    }
}
