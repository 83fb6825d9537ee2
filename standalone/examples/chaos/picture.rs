//! The valid files that are uploaded, and the expected sizes of their variants.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A file and its expected result.
pub(crate) struct Picture {
    pub(crate) bytes: Vec<u8>,
    pub(crate) extension: &'static str,
    pub(crate) small: (u32, u32),
    pub(crate) medium: (u32, u32),
}

pub(crate) fn all() -> anyhow::Result<Vec<Picture>> {
    let sizes = [(640, 480), (1200, 900), (400, 1000), (2400, 1600), (90, 70)];
    let formats = [(ImageFormat::Jpeg, "jpg"), (ImageFormat::Png, "png"), (ImageFormat::WebP, "webp")];
    let mut pictures = Vec::new();
    for (number, size) in (0..).zip(sizes) {
        for (format, extension) in formats {
            // Rendering large lossless files would take the time that is needed for faults.
            if format == ImageFormat::Jpeg || size.0 < 1200 {
                pictures.push(Picture {
                    bytes: draw(size, number, format)?,
                    extension,
                    small: variant(size, 100),
                    medium: variant(size, 300),
                });
            }
        }
    }
    Ok(pictures)
}

fn draw((width, height): (u32, u32), number: u32, format: ImageFormat) -> anyhow::Result<Vec<u8>> {
    let tile = RgbImage::from_fn(160, 120, |x, y| {
        let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) >> 11 & 31;
        Rgb([x + grain, y + grain, 40 * number + grain].map(|value| value as u8))
    });
    let pixels = DynamicImage::from(tile).resize_exact(width, height, FilterType::Triangle);
    let mut bytes = Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, format)?;
    Ok(bytes.into_inner())
}

/// The height `target`, and the width that keeps the aspect ratio, halves to even.
fn variant((width, height): (u32, u32), target: u32) -> (u32, u32) {
    if height <= target {
        return (width, height);
    }
    let exact = f64::from(width) / (f64::from(height) / f64::from(target));
    (exact.round_ties_even() as u32, target)
}
