//! Encodes PNG files.

use image::{DynamicImage, Pixel};
use png::{BitDepth, ColorType, DeflateCompression, Encoder, EncodingError, Filter};

/// The compression level, of nine. For photographs of 300 rows, level 6 writes 2 to 3 % fewer bytes in twice the time
/// (10 ms), and level 4 writes 1 to 2 % more in four fifths of the time.
const LEVEL: u8 = 5;

/// Encodes `pixels`, of 8 bits per channel, as a file without metadata. Grey stays grey. Alpha is dropped if every
/// pixel is opaque.
pub(in crate::pipeline) fn encode(pixels: DynamicImage) -> Result<Vec<u8>, EncodingError> {
    let pixels = without_needless_alpha(pixels);
    let colour = match pixels.color().channel_count() {
        1 => ColorType::Grayscale,
        2 => ColorType::GrayscaleAlpha,
        3 => ColorType::Rgb,
        _ => ColorType::Rgba,
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_filter(Filter::Adaptive);
    encoder.set_deflate_compression(DeflateCompression::Level(LEVEL));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels.as_bytes())?;
    writer.finish()?;
    Ok(bytes)
}

fn without_needless_alpha(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageLumaA8(image) if opaque(image.pixels()) => {
            DynamicImage::ImageLumaA8(image).into_luma8().into()
        }
        DynamicImage::ImageRgba8(image) if opaque(image.pixels()) => {
            DynamicImage::ImageRgba8(image).into_rgb8().into()
        }
        pixels => pixels,
    }
}

fn opaque<'a, P: Pixel<Subpixel = u8> + 'a>(mut pixels: impl Iterator<Item = &'a P>) -> bool {
    pixels.all(|pixel| pixel.channels().last() == Some(&u8::MAX))
}
