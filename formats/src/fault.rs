//! The faults that a grammar finds in a file. The strict and the lenient policy decide what follows from them.

use std::borrow::Cow;
use std::convert::Infallible;

use crate::cursor::ReadError;
use crate::format::Format;
use crate::refusal::{InspectError, Refusal};
use crate::source::Source;
use crate::unreadable::Unreadable;

/// The result of a part of a grammar.
pub(crate) type Found<T, S> = Result<T, Fault<<S as Source>::Error>>;

/// The reason why a grammar cannot yield a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault<E> {
    /// Bytes of the header cannot be read.
    Read(ReadError<E>),
    /// The header contradicts itself or its format. The text names the faulty part.
    Damaged(&'static str),
    /// The header announces a feature that is not supported. The text is a noun phrase that fits after "TIFF with".
    Unsupported(Cow<'static, str>),
}

impl<E> Fault<E> {
    /// The error of the strict reading for this fault in a file of `format`.
    pub(crate) fn refused(self, format: Format) -> InspectError<E> {
        match self {
            Self::Read(error) => error.into(),
            Self::Damaged(_) => Refusal::Invalid.into(),
            Self::Unsupported(feature) => {
                Refusal::Feature(format!("{} with {feature}", format.title()).into()).into()
            }
        }
    }
}

impl<E> From<ReadError<E>> for Fault<E> {
    fn from(error: ReadError<E>) -> Self {
        Self::Read(error)
    }
}

impl From<Fault<Infallible>> for Unreadable {
    fn from(fault: Fault<Infallible>) -> Self {
        match fault {
            Fault::Read(ReadError::EndedEarly) => Self::EndedEarly,
            Fault::Read(ReadError::Source(never)) => match never {},
            Fault::Damaged(part) => Self::Damaged(part),
            Fault::Unsupported(feature) => Self::Unsupported(feature),
        }
    }
}
