//! Encodes a variant as a JPEG file.

use super::{
    opened::Colour,
    turbo::{self, Sampling, Settings},
};
use image::{
    DynamicImage, ImageError, ImageFormat,
    error::{EncodingError, ImageFormatHint},
};

/// Encodes `pixels` as a baseline JPEG: chroma at half the width and height, optimised Huffman tables, no metadata.
///
/// # Errors
/// If a side has more than 65,500 pixels.
pub(in super::super) fn encode(pixels: &DynamicImage, quality: u8) -> Result<Vec<u8>, ImageError> {
    let size = (pixels.width(), pixels.height());
    let grey = Settings { quality, sampling: Sampling::Grey };
    let colour = Settings { quality, sampling: Sampling::Quarter };
    let encoded = match pixels {
        DynamicImage::ImageLuma8(pixels) => turbo::encode(pixels, size, Colour::Grey, grey),
        DynamicImage::ImageRgb8(pixels) => turbo::encode(pixels, size, Colour::Rgb, colour),
        other if other.color().has_color() => turbo::encode(&other.to_rgb8(), size, Colour::Rgb, colour),
        other => turbo::encode(&other.to_luma8(), size, Colour::Grey, grey),
    };
    encoded.map_err(|message| {
        ImageError::Encoding(EncodingError::new(ImageFormatHint::Exact(ImageFormat::Jpeg), message))
    })
}
