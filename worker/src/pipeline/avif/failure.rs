//! Why an AVIF file is not rendered.

use super::super::{RenderError, RenderLimits};
use image::{
    ImageError, ImageFormat,
    error::{DecodingError, ImageFormatHint, UnsupportedError, UnsupportedErrorKind},
};
use resizinator_formats::Format;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    #[error("the file ends before {0}")]
    CutShort(&'static str),
    #[error("{0}")]
    Damaged(&'static str),
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    #[error("the AV1 decoder cannot allocate enough memory")]
    Memory,
}

impl Failure {
    /// What it is called outside of this folder.
    pub(super) fn told(self, limits: &RenderLimits) -> RenderError {
        let format = Format::Avif;
        let decoding =
            || ImageError::Decoding(DecodingError::new(ImageFormatHint::Exact(ImageFormat::Avif), self));
        match self {
            Self::CutShort(_) => RenderError::CutShort { format, source: decoding() },
            Self::Damaged(_) => RenderError::Decode { format, source: decoding() },
            Self::Memory => RenderError::DecoderMemory { needed: None, limit: limits.decoder_memory },
            Self::Unsupported(_) => {
                let kind = UnsupportedErrorKind::GenericFeature(self.to_string());
                let hint = ImageFormatHint::Exact(ImageFormat::Avif);
                let source = ImageError::Unsupported(UnsupportedError::from_format_and_kind(hint, kind));
                RenderError::UnsupportedFeature { format, source }
            }
        }
    }
}
