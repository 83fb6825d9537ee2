//! Encodes variants as files with 8 bits per channel and without metadata.

use super::{RenderError, gif, jpeg, png, webp};
use image::{DynamicImage, ImageError, ImageFormat, error::EncodingError};
use resizinator_formats::Format;

/// The quality of JPEG variants, which is what common resizers use for photographs on the web. A variant of 300 rows
/// has some 30 kB, of which a quality of 82 would save a tenth.
const JPEG_QUALITY: u8 = 85;

/// Encodes `pixels`, of 8 bits per channel, as a file of `format`, which must be one that [`Format::of_variants`]
/// returns. Only a WebP file can be coded in several ways.
pub(super) fn encode(
    pixels: DynamicImage,
    format: Format,
    coding: webp::Coding,
) -> Result<Vec<u8>, RenderError> {
    let (width, height) = (pixels.width(), pixels.height());
    let written = match format {
        Format::Jpeg => jpeg::encode(&pixels, JPEG_QUALITY),
        Format::Gif => return gif::encode_still(pixels.into_rgba8()),
        Format::WebP => return webp::encode_still(&pixels, coding),
        Format::Png | Format::Bmp | Format::Tiff | Format::Avif => png::encode(pixels)
            .map_err(|error| ImageError::Encoding(EncodingError::new(ImageFormat::Png.into(), error))),
    };
    written.map_err(|source| RenderError::Encode { format, width, height, source })
}
