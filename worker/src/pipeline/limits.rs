//! What we are willing to decode; judged by the header, before any pixel.

use super::{RenderError, size::Size};
use image::ColorType;
use resizinator_formats::Format;

/// The limits of one rendering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Width × height of one frame.
    pub pixels: u64,
    /// Width or height.
    pub side: u32,
    /// Frames of an animation.
    pub frames: u32,
    /// Width × height × frames of an animation.
    pub animation_pixels: u64,
    /// Bytes for decoding and for holding the decoded pixels until they are resized.
    pub decoder_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pixels: 100_000_000,
            side: 100_000,
            frames: 500,
            animation_pixels: 200_000_000,
            decoder_memory: 1 << 30,
        }
    }
}

/// Holds the size of an image against the limits.
pub(super) fn check_pixels(format: Format, size: Size, limits: &Limits) -> Result<(), RenderError> {
    let Size { width, height } = size;
    if width == 0 || height == 0 {
        return Err(RenderError::NoPixels { format, width, height });
    }
    if size.pixels() > limits.pixels {
        return Err(RenderError::TooManyPixels { width, height, limit: limits.pixels });
    }
    if width.max(height) > limits.side {
        return Err(RenderError::SideTooLong { width, height, limit: limits.side });
    }
    Ok(())
}

/// Holds the bytes that decoding takes against the limit.
pub(super) fn check_memory(needed: u64, limits: &Limits) -> Result<(), RenderError> {
    if needed > limits.decoder_memory {
        return Err(RenderError::DecoderMemory { needed: Some(needed), limit: limits.decoder_memory });
    }
    Ok(())
}

/// Bytes held while `pixels` are decoded and resized: the pixels themselves and the one copy that some need,
/// of 8 bits per channel for floats, or multiplied with their alpha.
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
