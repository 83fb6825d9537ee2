//! The reasons why the pixels of an AVIF file cannot be decoded.

use super::super::{RenderError, RenderLimits};
use resizinator_formats::{Format, Unreadable};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DecodeFailure {
    /// The AV1 data is at fault.
    Unreadable(Unreadable),
    /// The decoder cannot allocate enough memory.
    Memory,
}

impl DecodeFailure {
    pub(super) fn damaged(how: &'static str) -> Self {
        Self::Unreadable(Unreadable::Damaged(how))
    }

    /// The error of the pipeline for this failure.
    pub(super) fn told(self, limits: &RenderLimits) -> RenderError {
        match self {
            Self::Unreadable(reason) => RenderError::unreadable(Format::Avif, reason),
            Self::Memory => RenderError::DecoderMemory { needed: None, limit: limits.decoder_memory },
        }
    }
}
