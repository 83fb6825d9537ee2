//! Variants as files, with 8 bits per channel and nothing but pixels.

use super::{RenderError, jpeg, png, webp};
use image::{
    DynamicImage, ImageError, ImageFormat, ImageResult, RgbaImage, codecs::gif::GifEncoder,
    error::EncodingError,
};
use resizinator_shared::image::Format;

/// What the common resizers are set to for photographs on the web. At the 100 and 300 rows of a variant it is the
/// decoded original that is looked at closely, and 82 would save a tenth of some 30 kB.
const JPEG_QUALITY: u8 = 85;

/// Writes `pixels`, of 8 bits per channel, as a file of `format`, one that [`Format::of_variants`] returns.
pub(super) fn encode(pixels: DynamicImage, format: Format, lossless: bool) -> Result<Vec<u8>, RenderError> {
    let (width, height) = (pixels.width(), pixels.height());
    let written = match format {
        Format::Jpeg => jpeg::encode(&pixels, JPEG_QUALITY),
        Format::Gif => gif(pixels),
        Format::WebP => return webp::encode_still(&pixels, lossless),
        Format::Png | Format::Bmp | Format::Tiff => png::encode(pixels)
            .map_err(|error| ImageError::Encoding(EncodingError::new(ImageFormat::Png.into(), error))),
    };
    written.map_err(|source| RenderError::Encode { format, width, height, source })
}

fn gif(pixels: DynamicImage) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rgba = pixels.into_rgba8();
    let (width, height) = rgba.dimensions();
    let opaque = all_or_nothing(&mut rgba);
    let mut encoder = GifEncoder::new(&mut bytes);
    if opaque {
        let rgb = DynamicImage::from(rgba).into_rgb8();
        encoder.encode(&rgb, width, height, image::ExtendedColorType::Rgb8)?;
    } else {
        encoder.encode(&rgba, width, height, image::ExtendedColorType::Rgba8)?;
    }
    drop(encoder);
    Ok(bytes)
}

/// A GIF's pixel is visible or it is not: those at least half opaque are. Returns whether all are.
fn all_or_nothing(pixels: &mut RgbaImage) -> bool {
    let mut opaque = true;
    for pixel in pixels.pixels_mut() {
        if pixel[3] < 128 {
            *pixel = image::Rgba([0; 4]);
            opaque = false;
        } else {
            pixel[3] = u8::MAX;
        }
    }
    opaque
}
