//! The reasons why an image cannot be rendered.

use image::{
    ImageError,
    error::{DecodingError, ImageFormatHint, LimitErrorKind, UnsupportedError, UnsupportedErrorKind},
};
use resizinator_formats::{Format, LimitExceeded, Unreadable};
use resizinator_shared::failure_code::FailureCode;

/// The reason why an image cannot be rendered. It is always the file or a limit, so trying again does not help.
///
/// `Display` gives a sentence for the user. The message of a library is the error's source, for logs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The format is supported, but the file uses a feature of it that cannot be decoded.
    #[error("This {} image uses a feature of the format that is not supported.", .format.title())]
    UnsupportedFeature {
        /// The format of the file.
        format: Format,
        /// The error of the decoder.
        source: ImageError,
    },

    /// The header announces a width or a height of 0.
    #[error("The {} image is empty: its size is {width} × {height} pixels.", .format.title())]
    NoPixels {
        /// The format of the file.
        format: Format,
        /// This side of the image in pixels.
        width: u32,
        /// This side of the image in pixels.
        height: u32,
    },

    /// The header announces more than a limit allows.
    #[error(transparent)]
    Limit(LimitExceeded),

    /// Decoding needs more memory than [`RenderLimits::decoder_memory`](super::RenderLimits::decoder_memory).
    #[error(
        "Decoding the image needs {}more than the limit of {limit} bytes of decoder memory.",
        needed_bytes(*.needed)
    )]
    DecoderMemory {
        /// The memory needed in bytes, or `None` if the decoder stopped without telling.
        needed: Option<u64>,
        /// The limit in bytes.
        limit: u64,
    },

    /// The image has more scans than any real one.
    #[error("The image is stored in more than {limit} scans.")]
    TooManyScans {
        /// The limit as a number of scans.
        limit: usize,
    },

    /// The file ends before the image is complete.
    #[error("The {} image cannot be decoded: the file ends too early.", .format.title())]
    CutShort {
        /// The format of the file.
        format: Format,
        /// The error of the decoder.
        source: ImageError,
    },

    /// The file is damaged.
    #[error("The {} image cannot be decoded: the file is damaged.", .format.title())]
    Decode {
        /// The format of the file.
        format: Format,
        /// The error of the decoder.
        source: ImageError,
    },

    /// The decoded pixels could not be resized.
    #[error("The image cannot be resized.")]
    Resize {
        /// The error of the resizer.
        source: fast_image_resize::ResizeError,
    },

    /// The variant cannot be written in its format.
    #[error("The variant of {width} × {height} pixels cannot be written as {}.", .format.title())]
    Encode {
        /// The format of the variant.
        format: Format,
        /// This side of the variant in pixels.
        width: u32,
        /// This side of the variant in pixels.
        height: u32,
        /// The error of the encoder.
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

    /// The error for a file of `format` that cannot be read for `reason`.
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

    /// The error for the error `source` of a decoder of `format`, which ran with a limit of `decoder_memory` bytes.
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

/// Whether an unexpected end of the file is the root cause of `error`. Decoders wrap it in different ways.
fn ends_early(error: &ImageError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return io.kind() == std::io::ErrorKind::UnexpectedEof;
        }
        // `ImageError::source` skips the `io::Error` that it holds.
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
