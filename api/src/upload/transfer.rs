//! The transfer encoding of a part. RFC 7578 advises against any, but Django decodes Base64, and some clients rely on it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::error::ApiError;

/// A decoder of the content of a part, which arrives in chunks.
#[derive(Debug)]
pub(crate) enum Transfer {
    /// The content is sent as it is.
    Plain,
    /// The content is in Base64. Up to three characters wait for the rest of their group.
    Base64 { rest: Vec<u8>, is_ended: bool },
}

impl Transfer {
    pub(crate) fn new(is_base64: bool) -> Self {
        if is_base64 { Self::Base64 { rest: Vec::new(), is_ended: false } } else { Self::Plain }
    }

    pub(crate) fn decode(&mut self, chunk: Bytes) -> Result<Bytes, ApiError> {
        let Self::Base64 { rest, is_ended } = self else { return Ok(chunk) };
        rest.extend(chunk.iter().filter(|byte| !byte.is_ascii_whitespace()));
        let groups = rest.len() / 4 * 4;
        if groups == 0 {
            return Ok(Bytes::new());
        }
        let decoded = STANDARD.decode(&rest[..groups]).map_err(|_| undecodable())?;
        // Padding ends the content, wherever the chunks are divided.
        if *is_ended {
            return Err(undecodable());
        }
        *is_ended = decoded.len() < groups / 4 * 3;
        rest.drain(..groups);
        Ok(decoded.into())
    }

    pub(crate) fn finish(self) -> Result<(), ApiError> {
        match self {
            Self::Base64 { rest, .. } if !rest.is_empty() => Err(undecodable()),
            _ => Ok(()),
        }
    }
}

fn undecodable() -> ApiError {
    ApiError::Parse("Multipart form parse error - Could not decode base64 data.".into())
}
