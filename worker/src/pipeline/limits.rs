//! What we are willing to decode; judged by the header, before any pixel.

use super::{RenderError, probe::Probed};
use image::{ColorType, ImageDecoder};

/// The limits of one rendering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Width × height of one frame.
    pub pixels: u64,
    /// Frames of an animation.
    pub frames: u32,
    /// Bytes for decoding and for holding the decoded pixels until they are resized.
    pub decoder_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pixels: 100_000_000, frames: 500, decoder_memory: 1 << 30 }
    }
}

/// Holds what the header claims against the limits.
pub(super) fn check(probed: &Probed<'_>, limits: &Limits) -> Result<(), RenderError> {
    let (width, height) = probed.decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(RenderError::NoPixels { format: probed.format, width, height });
    }
    check_pixels(width, height, limits)?;
    let needed = memory(u64::from(width) * u64::from(height), probed.decoder.color_type());
    if needed > limits.decoder_memory {
        return Err(RenderError::DecoderMemory { needed: Some(needed), limit: limits.decoder_memory });
    }
    Ok(())
}

/// Holds a size of at least one pixel against the limits.
pub(super) fn check_pixels(width: u32, height: u32, limits: &Limits) -> Result<(), RenderError> {
    if u64::from(width) * u64::from(height) > limits.pixels {
        return Err(RenderError::TooManyPixels { width, height, limit: limits.pixels });
    }
    Ok(())
}

/// Bytes held while `pixels` are decoded and resized: the pixels themselves and the one copy that some need,
/// of 8 bits per channel for floats, or multiplied with their alpha.
fn memory(pixels: u64, color: ColorType) -> u64 {
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
