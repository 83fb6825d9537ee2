//! BMP, decoded by `image`, with what that leaves out: the profile, and which pixels nobody set.

mod profile;
mod skipped;
#[cfg(test)]
mod tests;

pub(super) use profile::profile;

use super::{
    RenderError, RenderLimits,
    limits::{check_memory, check_pixels, memory},
    size::Size,
};
use image::{ColorType, DynamicImage, ImageDecoder, codecs::bmp::BmpDecoder};
use resizinator_formats::Format;
use skipped::Numbered;
use std::{borrow::Cow, io::Cursor};

/// 8 bits per channel, RGB, with straight alpha where a pixel is not opaque.
pub(super) fn decode(input: &[u8], limits: &RenderLimits) -> Result<DynamicImage, RenderError> {
    let numbered = Numbered::of(input);
    let file = numbered.as_ref().map_or(Cow::Borrowed(input), |numbered| Cow::Owned(numbered.file(input)));
    let failed = |error| RenderError::from_decoder(error, Format::Bmp, limits.decoder_memory);
    let decoder = BmpDecoder::new(Cursor::new(&file)).map_err(failed)?;
    let (width, height) = decoder.dimensions();
    let size = Size { width, height };
    check_pixels(Format::Bmp, size, limits)?;
    // Pixels with alpha beside those without.
    let transparent = if numbered.is_some() { memory(size.pixels(), ColorType::Rgba8) } else { 0 };
    check_memory(memory(size.pixels(), decoder.color_type()).saturating_add(transparent), limits)?;

    let pixels = DynamicImage::from_decoder(decoder).map_err(failed)?;
    Ok(match numbered {
        Some(numbered) => numbered.coloured(pixels.into_rgb8()),
        None => visible(pixels),
    })
}

/// Where the image's header stands, after the file's own.
const HEADER: usize = 14;

/// The 32 bits at an offset.
fn field(input: &[u8], offset: usize) -> Option<u32> {
    input.get(offset..)?.first_chunk().map(|&bytes| u32::from_le_bytes(bytes))
}

/// Writers that know no alpha leave its bits 0, and would make an image that nobody sees: then they mean nothing.
fn visible(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageRgba8(image) if image.pixels().all(|pixel| pixel[3] == 0) => {
            DynamicImage::ImageRgba8(image).into_rgb8().into()
        }
        pixels => pixels,
    }
}
