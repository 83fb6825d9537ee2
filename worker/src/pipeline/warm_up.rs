//! What libraries do once in a process, done before the first image.

use image::{DynamicImage, Rgb, RgbImage};
use resizinator_formats::Format;
use resizinator_shared::variant::Heights;

use super::webp::Coding;
use super::{RenderLimits, encode, render};

/// Renders a small image of our own in each format of the variants. The libraries then know what the CPU can do, and
/// have made their tables. A fork of this process inherits both, which saves it more time than one of these images takes.
pub fn warm_up() {
    let pixels = RgbImage::from_fn(48, 48, |x, y| Rgb([x as u8 * 5, y as u8 * 5, (x * y) as u8]));
    let heights = Heights { small: 8, medium: 16, ..Heights::default() };
    for format in [Format::Jpeg, Format::Png, Format::Gif, Format::WebP] {
        // It is only about the time that the next image takes, so an error does not matter.
        if let Ok(file) = encode::encode(DynamicImage::ImageRgb8(pixels.clone()), format, Coding::Lossy) {
            let _ = render(format, &file, &RenderLimits::default(), heights);
        }
    }
}
