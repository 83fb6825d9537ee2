//! Generated images, and checks of their variants.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use serde_json::Value;

use crate::client::{Download, User};

/// A JPEG with gradients and some noise, like a photo.
pub(crate) fn photo(width: u32, height: u32) -> Vec<u8> {
    // The picture is drawn small, since code for each pixel is slow in a test build.
    let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) >> 11 & 31;
    let tile = RgbImage::from_fn(160, 120, |x, y| {
        let grain = noise(x, y);
        Rgb([x + grain, y + grain, 200 - x / 2 + grain].map(|value| value as u8))
    });
    file(&DynamicImage::from(tile).resize_exact(width, height, FilterType::Nearest), ImageFormat::Jpeg)
}

/// A circle on a transparent background.
pub(crate) fn circle(width: u32, height: u32) -> DynamicImage {
    RgbaImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (x.abs_diff(width / 2), y.abs_diff(height / 2));
        let inside = dx * dx + dy * dy < (height / 3).pow(2);
        Rgba([200, 60, 40, if inside { 255 } else { 0 }])
    })
    .into()
}

pub(crate) fn file(pixels: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, format).expect("an encoded image");
    bytes.into_inner()
}

/// A lossless WebP whose container is right and whose pixels are garbage.
pub(crate) fn undecodable() -> Vec<u8> {
    const SIGNATURE_AND_SIZE: usize = 12 + 8 + 5;
    let mut bytes = file(&circle(120, 120), ImageFormat::WebP);
    bytes[SIGNATURE_AND_SIZE..].fill(0xFF);
    bytes
}

/// The expected size of a variant: the height is at most `target`, and the width keeps the aspect ratio, with halves
/// rounded to even.
pub(crate) fn expected_size((width, height): (u32, u32), target: u32) -> (u32, u32) {
    if height <= target {
        return (width, height);
    }
    let exact = f64::from(width) / (f64::from(height) / f64::from(target));
    (exact.round_ties_even() as u32, target)
}

/// Downloads the original and the variants, checks them, and returns the pixels of the variants.
pub(crate) async fn check(
    user: &User,
    record: &Value,
    original: &[u8],
    format: ImageFormat,
) -> [DynamicImage; 2] {
    let served = user.download(&record["original"]).await;
    assert!(served.bytes == original, "the original comes back as it was");
    let pixels = image::load_from_memory(original).expect("the original decodes");
    let size = (pixels.width(), pixels.height());
    let small = user.download(&record["small"]).await;
    let medium = user.download(&record["medium"]).await;
    [decode(small, format, expected_size(size, 100)), decode(medium, format, expected_size(size, 300))]
}

fn decode(variant: Download, format: ImageFormat, size: (u32, u32)) -> DynamicImage {
    assert_eq!(variant.content_type, format.to_mime_type());
    assert_eq!(image::guess_format(&variant.bytes).expect("an image"), format);
    let pixels = image::load_from_memory(&variant.bytes).expect("the variant decodes");
    assert_eq!((pixels.width(), pixels.height()), size);
    pixels
}
