//! The pixels of the first frame.

use super::{
    Limits, RenderError,
    jpeg::{self, Pixels, Scaled},
    orient,
    probe::{self, Probed},
    size::{self, Size},
};
use image::{DynamicImage, ImageBuffer, ImageDecoder, Rgb, RgbImage, Rgba, metadata::Orientation};
use resizinator_shared::{image::Format, variant::Heights};

/// An image in memory, as its file stores it.
pub(super) struct Decoded {
    pub(super) format: Format,
    /// 8 or 16 bits per channel; grey or RGB, with or without alpha that is not multiplied in.
    pub(super) pixels: DynamicImage,
    /// Width and height of the image in `pixels`, which may be a fraction of its size.
    pub(super) within: (f64, f64),
    /// As stored, not as seen.
    pub(super) size: Size,
    /// What makes the pixels upright.
    pub(super) orientation: Orientation,
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

    let size = Size { width: pixels.width(), height: pixels.height() };
    let within = (size.width.into(), size.height.into());
    Ok(Decoded { format, pixels: without_floats(pixels), within, size, orientation })
}

/// Decodes a JPEG file at the scale that the larger variant needs.
pub(super) fn jpeg(
    input: &[u8],
    header: &jpeg::Header,
    limits: &Limits,
    heights: Heights,
) -> Result<Decoded, RenderError> {
    let size = Size { width: header.width, height: header.height };
    let largest = heights.medium.max(heights.small);
    let wanted = size::variant_size(orient::oriented(size, header.orientation), largest).height;
    let Scaled { pixels, within } = jpeg::decode(input, header, wanted, limits.decoder_memory)?;
    let pixels = match pixels {
        Pixels::Grey(pixels) => pixels.into(),
        Pixels::Rgb(pixels) => pixels.into(),
        Pixels::Cmyk(pixels) => rgb_of_inks(&pixels).into(),
    };
    Ok(Decoded { format: Format::Jpeg, pixels, within, size, orientation: header.orientation })
}

fn rgb_of_inks(inks: &ImageBuffer<Rgba<u8>, Vec<u8>>) -> RgbImage {
    RgbImage::from_fn(inks.width(), inks.height(), |x, y| {
        let [c, m, y, k] = inks[(x, y)].0.map(|ink| u32::from(u8::MAX - ink));
        Rgb([c, m, y].map(|left| ((left * k + 127) / 255) as u8))
    })
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
