//! The limit on the bytes of a request's body, whatever they are: the file, other fields, headers, boundaries, and what
//! stands before the first boundary or after the last.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_LENGTH;

use crate::error::ApiError;

/// How many bytes the body of an upload may have in addition to those of the largest file.
const OVERHEAD: u64 = 1 << 20;

/// The error for a body that is larger than its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooManyBytes {
    #[error("The limit max_bytes is {limit} bytes, and the upload has more.")]
    Sent { limit: u64 },
    #[error("The limit max_bytes is {limit} bytes, and the upload announces {announced}.")]
    Announced { limit: u64, announced: u64 },
}

/// What is left of the limit while a body is read.
#[derive(Debug)]
pub(crate) struct BodyLimit {
    limit: u64,
    left: u64,
}

impl BodyLimit {
    /// Checks what the request announces, before a byte of its body is read. `limit` is that of the file.
    pub(crate) fn of(request: &HttpRequest, limit: u64) -> Result<Self, TooManyBytes> {
        let left = limit.saturating_add(OVERHEAD);
        match announced(request) {
            Some(announced) if announced > left => Err(TooManyBytes::Announced { limit, announced }),
            _ => Ok(Self { limit, left }),
        }
    }

    /// Counts bytes of the body that have arrived.
    pub(crate) fn count(&mut self, len: usize) -> Result<(), TooManyBytes> {
        self.left = self.left.checked_sub(len as u64).ok_or(TooManyBytes::Sent { limit: self.limit })?;
        Ok(())
    }
}

/// The length of the body that the request announces; `None` if it comes in chunks.
pub(crate) fn announced(request: &HttpRequest) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

impl From<TooManyBytes> for ApiError {
    fn from(error: TooManyBytes) -> Self {
        Self::TooLarge(error.to_string())
    }
}
