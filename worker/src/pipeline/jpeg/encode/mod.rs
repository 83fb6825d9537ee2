//! Encodes a variant as a JPEG file.
//!
//! libjpeg-turbo writes the file, with the Huffman codes of T.81's Annex K. `recode` then replaces them by the best ones for this
//! file: `lookup` and `tokens` read the symbols, `best` makes the codes.

mod best;
mod lookup;
mod recode;
#[cfg(test)]
mod tests;
mod tokens;

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
    let grey = Settings { quality, sampling: Sampling::Grey, best_codes: false };
    let colour = Settings { quality, sampling: Sampling::Quarter, best_codes: false };
    let encoded = match pixels {
        DynamicImage::ImageLuma8(pixels) => with_best_codes(pixels, size, Colour::Grey, grey),
        DynamicImage::ImageRgb8(pixels) => with_best_codes(pixels, size, Colour::Rgb, colour),
        other if other.color().has_color() => with_best_codes(&other.to_rgb8(), size, Colour::Rgb, colour),
        other => with_best_codes(&other.to_luma8(), size, Colour::Grey, grey),
    };
    encoded.map_err(|message| {
        ImageError::Encoding(EncodingError::new(ImageFormatHint::Exact(ImageFormat::Jpeg), message))
    })
}

fn with_best_codes(
    samples: &[u8],
    size: (u32, u32),
    colour: Colour,
    settings: Settings,
) -> Result<Vec<u8>, String> {
    let file = turbo::encode(samples, size, colour, settings)?;
    Ok(recode::with_best_codes(&file, size, settings.sampling).unwrap_or(file))
}
