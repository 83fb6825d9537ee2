//! Why an image cannot be rendered.

use image::{
    ImageError,
    error::{DecodingError, ImageFormatHint, LimitErrorKind, UnsupportedError, UnsupportedErrorKind},
};
use resizinator_formats::{Format, LimitExceeded, Unreadable};
use resizinator_shared::failure_code::FailureCode;

/// Why an image cannot be rendered: always the file's fault or a limit's, so trying again is no use.
///
/// `Display` is a sentence for people. What a library had to say is the error's source, for logs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The format is one of ours, but the file uses a part of it that cannot be decoded.
    #[error("This {} image uses a feature of the format that is not supported.", .format.title())]
    UnsupportedFeature {
        /// Of the file.
        format: Format,
        /// The decoder's reason.
        source: ImageError,
    },

    /// The header announces no pixels at all.
    #[error("The {} image is empty: its size is {width} × {height} pixels.", .format.title())]
    NoPixels {
        /// Of the file.
        format: Format,
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },

    /// The header announces more than a limit allows.
    #[error(transparent)]
    Limit(LimitExceeded),

    /// The pixels need more memory than [`RenderLimits::decoder_memory`](super::RenderLimits::decoder_memory).
    #[error(
        "Decoding the image needs {}more than the limit of {limit} bytes of decoder memory.",
        needed_bytes(*.needed)
    )]
    DecoderMemory {
        /// In bytes; absent if the decoder gave up without telling.
        needed: Option<u64>,
        /// In bytes.
        limit: u64,
    },

    /// The image comes in more parts than any real one.
    #[error("The image is stored in more than {limit} scans.")]
    TooManyScans {
        /// In scans.
        limit: usize,
    },

    /// The file ends before its image does.
    #[error("The {} image cannot be decoded: the file ends too early.", .format.title())]
    CutShort {
        /// Of the file.
        format: Format,
        /// The decoder's reason.
        source: ImageError,
    },

    /// The file is damaged.
    #[error("The {} image cannot be decoded: the file is damaged.", .format.title())]
    Decode {
        /// Of the file.
        format: Format,
        /// The decoder's reason.
        source: ImageError,
    },

    /// The decoded pixels could not be resized.
    #[error("The image cannot be resized.")]
    Resize {
        /// The resizer's reason.
        source: fast_image_resize::ResizeError,
    },

    /// The variant cannot be written in its format.
    #[error("The variant of {width} × {height} pixels cannot be written as {}.", .format.title())]
    Encode {
        /// Of the variant.
        format: Format,
        /// Of the variant, in pixels.
        width: u32,
        /// Of the variant, in pixels.
        height: u32,
        /// The encoder's reason.
        source: ImageError,
    },
}

impl RenderError {
    /// The code that the image fails with.
    #[must_use]
    pub fn code(&self) -> FailureCode {
        match self {
            Self::UnsupportedFeature { .. } => FailureCode::UnsupportedFeature,
            Self::NoPixels { .. } => FailureCode::NoPixels,
            Self::Limit(LimitExceeded::Pixels { .. }) => FailureCode::TooManyPixels,
            Self::Limit(LimitExceeded::Side { .. }) => FailureCode::SideTooLong,
            Self::Limit(LimitExceeded::Frames { .. }) => FailureCode::TooManyFrames,
            Self::Limit(LimitExceeded::AnimationPixels { .. }) => FailureCode::AnimationTooLarge,
            Self::DecoderMemory { .. } => FailureCode::DecoderMemory,
            Self::TooManyScans { .. } => FailureCode::TooManyScans,
            Self::CutShort { .. } | Self::Decode { .. } => FailureCode::DecodeFailed,
            Self::Resize { .. } => FailureCode::ResizeFailed,
            Self::Encode { .. } => FailureCode::EncodeFailed,
        }
    }

    /// What it means that a file of `format` cannot be read.
    pub(super) fn unreadable(format: Format, reason: Unreadable) -> Self {
        let hint = ImageFormatHint::Name(format.title().into());
        let decoding = |reason: Unreadable| ImageError::Decoding(DecodingError::new(hint.clone(), reason));
        match reason {
            Unreadable::EndedEarly => Self::CutShort { format, source: decoding(reason) },
            Unreadable::Damaged(_) => Self::Decode { format, source: decoding(reason) },
            Unreadable::Unsupported(feature) => {
                let kind = UnsupportedErrorKind::GenericFeature(feature.into_owned());
                let source = UnsupportedError::from_format_and_kind(hint, kind);
                Self::UnsupportedFeature { format, source: ImageError::Unsupported(source) }
            }
        }
    }

    /// Sorts what a decoder of `format` under a limit of `decoder_memory` bytes complains about.
    pub(super) fn from_decoder(source: ImageError, format: Format, decoder_memory: u64) -> Self {
        match source {
            ImageError::Unsupported(_) => Self::UnsupportedFeature { format, source },
            ImageError::Limits(error) if error.kind() == LimitErrorKind::InsufficientMemory => {
                Self::DecoderMemory { needed: None, limit: decoder_memory }
            }
            _ if ends_early(&source) => Self::CutShort { format, source },
            _ => Self::Decode { format, source },
        }
    }
}

/// Whether an unexpected end of the file is at the bottom of `error`; decoders wrap it differently.
fn ends_early(error: &ImageError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return io.kind() == std::io::ErrorKind::UnexpectedEof;
        }
        // `ImageError` skips the `io::Error` it carries when asked for its source.
        if let Some(ImageError::IoError(io)) = error.downcast_ref::<ImageError>() {
            return io.kind() == std::io::ErrorKind::UnexpectedEof;
        }
        cause = error.source();
    }
    false
}

fn needed_bytes(needed: Option<u64>) -> String {
    needed.map_or_else(String::new, |bytes| format!("{bytes} bytes, "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_memory_is_told_with_its_value_and_the_files_value() {
        let memory = RenderError::DecoderMemory { needed: Some(2_000), limit: 1_000 };
        assert_eq!(
            memory.to_string(),
            "Decoding the image needs 2000 bytes, more than the limit of 1000 bytes of decoder memory."
        );
        let memory = RenderError::DecoderMemory { needed: None, limit: 1_000 };
        assert_eq!(
            memory.to_string(),
            "Decoding the image needs more than the limit of 1000 bytes of decoder memory."
        );
    }
}
