//! Which format a file is, by its first bytes, and what its header says.

use super::{Limits, RenderError};
use image::{ImageDecoder, ImageFormat, ImageReader};
use resizinator_shared::image::Format;
use std::io::Cursor;

/// A file whose header was read, and none of its pixels.
pub(super) struct Probed<'a> {
    pub(super) format: Format,
    pub(super) decoder: Box<dyn ImageDecoder + 'a>,
}

/// Reads the header of `input`; neither a name nor a content type has a say.
pub(super) fn probe<'a>(input: &'a [u8], limits: &Limits) -> Result<Probed<'a>, RenderError> {
    let guess = image::guess_format(input).map_err(|_| RenderError::UnsupportedFormat)?;
    let format = supported(guess).ok_or(RenderError::UnsupportedFormat)?;

    let mut reader = ImageReader::with_format(Cursor::new(input), guess);
    reader.limits(decoder_limits(limits.decoder_memory));
    let decoder = reader
        .into_decoder()
        .map_err(|error| RenderError::from_decoder(error, format, limits.decoder_memory))?;
    Ok(Probed { format, decoder: Box::new(decoder) })
}

/// Lets a decoder allocate `bytes`.
pub(super) fn decoder_limits(bytes: u64) -> image::Limits {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(bytes);
    limits
}

fn supported(format: ImageFormat) -> Option<Format> {
    match format {
        ImageFormat::Jpeg => Some(Format::Jpeg),
        ImageFormat::Png => Some(Format::Png),
        ImageFormat::Gif => Some(Format::Gif),
        ImageFormat::WebP => Some(Format::WebP),
        ImageFormat::Bmp => Some(Format::Bmp),
        ImageFormat::Tiff => Some(Format::Tiff),
        _ => None,
    }
}
