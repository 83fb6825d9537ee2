//! Why an image cannot be rendered.

use image::{ImageError, error::LimitErrorKind};
use resizinator_formats::Format;

/// Why an image cannot be rendered: always the file's fault or a limit's, so trying again is no use.
///
/// `Display` is a sentence for people. What a library had to say is the error's source, for logs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The first bytes are not those of a format we decode.
    #[error("The file is not a JPEG, PNG, GIF, WebP, BMP, TIFF or AVIF image.")]
    UnsupportedFormat,

    /// The format is one of ours, but the file uses a part of it that cannot be decoded.
    #[error("This {} image uses a feature of the format that is not supported.", name(.format))]
    UnsupportedFeature {
        /// Of the file.
        format: Format,
        /// The decoder's reason.
        source: ImageError,
    },

    /// The header announces no pixels at all.
    #[error("The {} image is empty: its size is {width} × {height} pixels.", name(.format))]
    NoPixels {
        /// Of the file.
        format: Format,
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },

    /// The header announces more pixels than [`Limits::pixels`](super::Limits::pixels).
    #[error(
        "The image has {width} × {height} = {} pixels, more than the limit of {limit} pixels.",
        u64::from(*.width) * u64::from(*.height)
    )]
    TooManyPixels {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
        /// In pixels.
        limit: u64,
    },

    /// The width or the height is beyond [`Limits::side`](super::Limits::side).
    #[error("The image is {width} × {height} pixels, and no side may be longer than {limit} pixels.")]
    SideTooLong {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
        /// In pixels.
        limit: u32,
    },

    /// An animation has more frames than [`Limits::frames`](super::Limits::frames).
    #[error("The animation has {frames} frames, more than the limit of {limit}.")]
    TooManyFrames {
        /// In the file.
        frames: u32,
        /// In one file.
        limit: u32,
    },

    /// All frames together have more pixels than
    /// [`Limits::animation_pixels`](super::Limits::animation_pixels).
    #[error(
        "The frames of the animation have {pixels} pixels altogether, more than the limit of {limit} pixels."
    )]
    AnimationTooLarge {
        /// Width × height × frames.
        pixels: u64,
        /// In pixels.
        limit: u64,
    },

    /// The pixels need more memory than [`Limits::decoder_memory`](super::Limits::decoder_memory).
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
    #[error("The {} image cannot be decoded: the file ends too early.", name(.format))]
    CutShort {
        /// Of the file.
        format: Format,
        /// The decoder's reason.
        source: ImageError,
    },

    /// The file is damaged.
    #[error("The {} image cannot be decoded: the file is damaged.", name(.format))]
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
    #[error("The variant of {width} × {height} pixels cannot be written as {}.", name(.format))]
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
    /// A stable name for machines, in `snake_case`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedFormat => "unsupported_format",
            Self::UnsupportedFeature { .. } => "unsupported_feature",
            Self::NoPixels { .. } => "no_pixels",
            Self::TooManyPixels { .. } => "too_many_pixels",
            Self::SideTooLong { .. } => "side_too_long",
            Self::TooManyFrames { .. } => "too_many_frames",
            Self::AnimationTooLarge { .. } => "animation_too_large",
            Self::DecoderMemory { .. } => "decoder_memory",
            Self::TooManyScans { .. } => "too_many_scans",
            Self::CutShort { .. } | Self::Decode { .. } => "decode_failed",
            Self::Resize { .. } => "resize_failed",
            Self::Encode { .. } => "encode_failed",
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

fn name(format: &Format) -> &'static str {
    match format {
        Format::Jpeg => "JPEG",
        Format::Png => "PNG",
        Format::Gif => "GIF",
        Format::WebP => "WebP",
        Format::Bmp => "BMP",
        Format::Tiff => "TIFF",
        Format::Avif => "AVIF",
    }
}

fn needed_bytes(needed: Option<u64>) -> String {
    needed.map_or_else(String::new, |bytes| format!("{bytes} bytes, "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_told_with_its_name_its_value_and_the_files_value() {
        let pixels = RenderError::TooManyPixels { width: 65_535, height: 65_535, limit: 100_000_000 };
        assert_eq!(
            pixels.to_string(),
            "The image has 65535 × 65535 = 4294836225 pixels, more than the limit of 100000000 pixels."
        );
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
