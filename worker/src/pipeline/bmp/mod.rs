//! The decoder of BMP files. It uses `image`, and adds what that does not provide: the colour profile, and the pixels
//! that the file leaves unset.

mod skipped;
#[cfg(test)]
mod tests;

use super::{
    RenderError, RenderLimits,
    colour::Profile,
    limits::{check_header, check_memory, memory},
};
use image::{ColorType, DynamicImage, ImageDecoder, codecs::bmp::BmpDecoder};
use resizinator_formats::{Format, bmp};
use skipped::Numbered;
use std::{borrow::Cow, io::Cursor};

/// Decodes the pixels (8 bits per channel, RGB, with straight alpha if any pixel is not opaque) and their profile.
pub(super) fn decode(input: &[u8], limits: &RenderLimits) -> Result<(DynamicImage, Profile), RenderError> {
    let bmp = bmp::read(input).map_err(|reason| RenderError::unreadable(Format::Bmp, reason))?;
    let header = bmp.header();
    check_header(&header, limits)?;
    let numbered = Numbered::of(&bmp);
    let file = numbered.as_ref().map_or(Cow::Borrowed(input), |numbered| Cow::Owned(numbered.file(input)));
    let failed = |error| RenderError::from_decoder(error, Format::Bmp, limits.decoder_memory);
    let decoder = BmpDecoder::new(Cursor::new(&file)).map_err(failed)?;
    // The pixels with alpha are held in addition to those without.
    let transparent = if numbered.is_some() { memory(header.pixels(), ColorType::Rgba8) } else { 0 };
    check_memory(memory(header.pixels(), decoder.color_type()).saturating_add(transparent), limits)?;

    let pixels = DynamicImage::from_decoder(decoder).map_err(failed)?;
    let pixels = match numbered {
        Some(numbered) => numbered.coloured(pixels.into_rgb8()),
        None => visible(pixels),
    };
    let icc = bmp.image.icc.as_ref().and_then(|icc| bmp.bytes(icc));
    Ok((pixels, icc.map_or(Profile::Srgb, |icc| Profile::Icc(icc.to_vec()))))
}

/// Drops alpha if it is useless. Programs that do not support alpha leave its bits 0 everywhere, which would make the
/// whole image invisible.
fn visible(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageRgba8(image) if image.pixels().all(|pixel| pixel[3] == 0) => {
            DynamicImage::ImageRgba8(image).into_rgb8().into()
        }
        pixels => pixels,
    }
}
