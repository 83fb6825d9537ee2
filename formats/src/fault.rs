//! What a grammar finds wrong with a file, before a policy says what follows from it.

use std::borrow::Cow;
use std::convert::Infallible;

use crate::cursor::ReadError;
use crate::format::Format;
use crate::refusal::{InspectError, Refusal};
use crate::source::Source;
use crate::unreadable::Unreadable;

/// What a part of a grammar yields.
pub(crate) type Found<T, S> = Result<T, Fault<<S as Source>::Error>>;

/// Why a grammar cannot yield a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault<E> {
    /// Bytes that the header consists of cannot be read.
    Read(ReadError<E>),
    /// The header contradicts itself or its format; this names the part that does.
    Damaged(&'static str),
    /// The header announces a feature that is not decoded: a noun phrase that goes after "TIFF with".
    Unsupported(Cow<'static, str>),
}

impl<E> Fault<E> {
    /// What the strict reading of a file of `format` makes of it.
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
