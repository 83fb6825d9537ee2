//! The faults of a multipart body that are found before actix-multipart reads it.

use actix_multipart::MultipartError;
use actix_web::error::PayloadError;

use super::delimiters::{MAX_PADDING, MAX_PARTS};
use super::head::MAX_HEAD;
use crate::error::ApiError;
use crate::upload::body_limit::TooManyBytes;

/// The reason why a multipart body is not read to its end.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyFault {
    #[error("The body has no line that begins with the boundary.")]
    NoDelimiter,
    #[error("The body ends before its last boundary.")]
    CutOff,
    #[error("A line that begins with the boundary goes on with other bytes than blanks.")]
    BadDelimiter,
    #[error("The limit max_padding is {MAX_PADDING} blanks after a boundary, and the body has more.")]
    Padding,
    #[error("The limit max_part_head is {MAX_HEAD} bytes for the header of a part, and the body has more.")]
    HeadTooLong,
    #[error("The header of a part is not ended by an empty line.")]
    HeadNotEnded,
    #[error("The limit max_parts is {MAX_PARTS} parts, and the body has more.")]
    TooManyParts,
    #[error(transparent)]
    TooManyBytes(#[from] TooManyBytes),
}

impl From<BodyFault> for PayloadError {
    fn from(fault: BodyFault) -> Self {
        Self::Io(std::io::Error::other(fault))
    }
}

impl From<BodyFault> for ApiError {
    fn from(fault: BodyFault) -> Self {
        match fault {
            BodyFault::TooManyBytes(error) => error.into(),
            fault => malformed(&fault),
        }
    }
}

impl BodyFault {
    /// The answer to an error of actix-multipart. Inside of it may be a fault that the source has found.
    pub(crate) fn answer(error: MultipartError) -> ApiError {
        match error {
            MultipartError::Payload(PayloadError::Io(error)) => match error.downcast::<Self>() {
                Ok(fault) => fault.into(),
                Err(error) => malformed(&error),
            },
            error => malformed(&error),
        }
    }
}

fn malformed(error: &dyn std::fmt::Display) -> ApiError {
    ApiError::Parse(format!("Multipart form parse error - {error}"))
}
