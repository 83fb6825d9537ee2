//! Small image files of every format.

use std::io::Cursor;

use image::{ImageFormat, RgbImage};

/// A PNG of 6 × 4 pixels.
pub(crate) fn png() -> Vec<u8> {
    encoded(ImageFormat::Png)
}

/// A PNG that is 4 pixels wide.
pub(crate) fn png_of_height(height: u32) -> Vec<u8> {
    encode(4, height, ImageFormat::Png)
}

/// An image of 6 × 4 pixels in a format.
pub(crate) fn encoded(format: ImageFormat) -> Vec<u8> {
    encode(6, 4, format)
}

/// A BMP, which has three bytes for each pixel.
pub(crate) fn bmp(width: u32, height: u32) -> Vec<u8> {
    encode(width, height, ImageFormat::Bmp)
}

fn encode(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, y| image::Rgb([(40 * x) as u8, (60 * y) as u8, 90]));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("encodes");
    bytes.into_inner()
}
