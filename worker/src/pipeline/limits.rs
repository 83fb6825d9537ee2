//! The limits of rendering, which are checked with the header before any pixel is decoded.

use super::{RenderError, size::Size};
use image::ColorType;
use resizinator_formats::{Format, Header, ImageLimits};

/// The limits of one rendering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderLimits {
    /// The limits for what the file's header announces.
    pub image: ImageLimits,
    /// The limit in bytes for decoding and for holding the decoded pixels until they are resized.
    pub decoder_memory: u64,
}

impl Default for RenderLimits {
    fn default() -> Self {
        Self { image: ImageLimits::default(), decoder_memory: 1 << 30 }
    }
}

/// Checks the size of a still image, or of one frame, against the limits.
pub(super) fn check_pixels(format: Format, size: Size, limits: &RenderLimits) -> Result<(), RenderError> {
    check_header(&Header { format, width: size.width, height: size.height, frames: 1 }, limits)
}

/// Checks a header against the limits.
pub(super) fn check_header(header: &Header, limits: &RenderLimits) -> Result<(), RenderError> {
    let &Header { format, width, height, .. } = header;
    if width == 0 || height == 0 {
        return Err(RenderError::NoPixels { format, width, height });
    }
    limits.image.check(header).map_err(RenderError::Limit)
}

/// Checks the number of bytes that decoding takes against the limit.
pub(super) fn check_memory(needed: u64, limits: &RenderLimits) -> Result<(), RenderError> {
    if needed > limits.decoder_memory {
        return Err(RenderError::DecoderMemory { needed: Some(needed), limit: limits.decoder_memory });
    }
    Ok(())
}

/// The bytes that are held while `pixels` are decoded and resized: the pixels themselves, and the one copy that some
/// need, either to convert floats to 8 bits per channel or to multiply colours by alpha.
pub(super) fn memory(pixels: u64, color: ColorType) -> u64 {
    let decoded = u64::from(color.bytes_per_pixel());
    let copy = match color {
        ColorType::Rgb32F | ColorType::Rgba32F => u64::from(color.channel_count()),
        _ if color.has_alpha() => decoded,
        _ => 0,
    };
    pixels.saturating_mul(decoded + copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_an_image_counts_the_copy_that_resizing_makes() {
        assert_eq!(memory(10, ColorType::L8), 10);
        assert_eq!(memory(10, ColorType::Rgb16), 60);
        assert_eq!(memory(10, ColorType::Rgba8), 80);
        assert_eq!(memory(10, ColorType::Rgb32F), 150);
        assert_eq!(memory(u64::MAX, ColorType::Rgba8), u64::MAX);
    }
}
