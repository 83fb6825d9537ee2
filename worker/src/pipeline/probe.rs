//! Which format a file is, by its first bytes; neither a name nor a content type has a say.

use super::{RenderError, avif};
use image::ImageFormat;
use resizinator_formats::Format;

pub(super) fn format(input: &[u8]) -> Result<Format, RenderError> {
    // BigTIFF, which `guess_format` does not know.
    if input.starts_with(b"II+\0") || input.starts_with(b"MM\0+") {
        return Ok(Format::Tiff);
    }
    // The first brand need not be AVIF's own.
    if avif::is_avif(input) {
        return Ok(Format::Avif);
    }
    match image::guess_format(input) {
        Ok(ImageFormat::Jpeg) => Ok(Format::Jpeg),
        Ok(ImageFormat::Png) => Ok(Format::Png),
        Ok(ImageFormat::Gif) => Ok(Format::Gif),
        Ok(ImageFormat::WebP) => Ok(Format::WebP),
        Ok(ImageFormat::Bmp) => Ok(Format::Bmp),
        Ok(ImageFormat::Tiff) => Ok(Format::Tiff),
        _ => Err(RenderError::UnsupportedFormat),
    }
}
