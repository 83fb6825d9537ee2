//! The pixels of the first frame.

use super::{
    Limits, RenderError,
    probe::{self, Probed},
    size::Size,
};
use image::{DynamicImage, ImageDecoder, metadata::Orientation};
use resizinator_shared::image::Format;

/// An image in memory, as its file stores it.
pub(super) struct Decoded {
    pub(super) format: Format,
    /// 8 or 16 bits per channel; grey or RGB, with or without alpha that is not multiplied in.
    pub(super) pixels: DynamicImage,
    /// What makes the pixels upright.
    pub(super) orientation: Orientation,
}

impl Decoded {
    /// As stored, not as seen.
    pub(super) fn size(&self) -> Size {
        Size { width: self.pixels.width(), height: self.pixels.height() }
    }
}

/// Decodes the first frame of a file whose header is within the limits.
pub(super) fn first_frame(probed: Probed<'_>, limits: &Limits) -> Result<Decoded, RenderError> {
    let Probed { format, mut decoder } = probed;
    let failed = |error| RenderError::from_decoder(error, format, limits.decoder_memory);

    // Unreadable metadata is no reason to refuse an image.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let besides_pixels = limits.decoder_memory.saturating_sub(decoder.total_bytes());
    decoder.set_limits(probe::decoder_limits(besides_pixels)).map_err(failed)?;
    let pixels = DynamicImage::from_decoder(decoder).map_err(failed)?;

    Ok(Decoded { format, pixels: without_floats(pixels), orientation })
}

/// Floats mean black to white as 0 to 1: what lies outside is clamped. Resizing them unclamped would let one
/// overbright pixel, or one that is not a number, spread over its neighbours.
fn without_floats(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageRgb32F(_) => pixels.into_rgb8().into(),
        DynamicImage::ImageRgba32F(_) => pixels.into_rgba8().into(),
        _ => pixels,
    }
}
