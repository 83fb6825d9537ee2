//! Variants as files, with 8 bits per channel and nothing but pixels.

use super::{RenderError, jpeg};
use image::{
    DynamicImage, ImageResult, RgbaImage,
    codecs::{
        gif::GifEncoder,
        png::{CompressionType, FilterType, PngEncoder},
        webp::WebPEncoder,
    },
};
use resizinator_shared::image::Format;

/// What the common resizers are set to for photographs on the web. At the 100 and 300 rows of a variant it is the
/// decoded original that is looked at closely, and 82 would save a tenth of some 30 kB.
const JPEG_QUALITY: u8 = 85;

/// Writes `pixels` as a file of `format`, one that [`Format::of_variants`] returns.
pub(super) fn encode(pixels: DynamicImage, format: Format) -> Result<Vec<u8>, RenderError> {
    let (width, height) = (pixels.width(), pixels.height());
    let pixels = eight_bit(pixels);
    let mut bytes = Vec::new();
    let written = match format {
        Format::Jpeg => jpeg::encode(&pixels, JPEG_QUALITY).map(|file| bytes = file),
        Format::Gif => gif(pixels, &mut bytes),
        Format::WebP => pixels.write_with_encoder(WebPEncoder::new_lossless(&mut bytes)),
        Format::Png | Format::Bmp | Format::Tiff => png(&pixels, &mut bytes),
    };
    match written {
        Ok(()) => Ok(bytes),
        Err(source) => Err(RenderError::Encode { format, width, height, source }),
    }
}

/// Rounds 16 bits to 8; grey stays grey and alpha stays.
fn eight_bit(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageLuma16(_) => pixels.into_luma8().into(),
        DynamicImage::ImageLumaA16(_) => pixels.into_luma_alpha8().into(),
        DynamicImage::ImageRgb16(_) => pixels.into_rgb8().into(),
        DynamicImage::ImageRgba16(_) => pixels.into_rgba8().into(),
        _ => pixels,
    }
}

fn png(pixels: &DynamicImage, bytes: &mut Vec<u8>) -> ImageResult<()> {
    let encoder = PngEncoder::new_with_quality(bytes, CompressionType::Default, FilterType::Adaptive);
    pixels.write_with_encoder(encoder)
}

fn gif(pixels: DynamicImage, bytes: &mut Vec<u8>) -> ImageResult<()> {
    let mut rgba = pixels.into_rgba8();
    let (width, height) = rgba.dimensions();
    let opaque = all_or_nothing(&mut rgba);
    let mut encoder = GifEncoder::new(bytes);
    if opaque {
        let rgb = DynamicImage::from(rgba).into_rgb8();
        encoder.encode(&rgb, width, height, image::ExtendedColorType::Rgb8)
    } else {
        encoder.encode(&rgba, width, height, image::ExtendedColorType::Rgba8)
    }
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
