//! The decoder and the encoder of JPEG files. Files are decoded at a fraction of their size, by the project's own
//! decoder or by libjpeg-turbo.
//!
//! 1. `opened`: interprets the segments before the first pixel, which `resizinator_formats::jpeg` has read.
//! 2. `scale`: chooses the smallest fraction that is still enough for the medium variant.
//! 3. `direct`: decodes an undamaged file at an eighth or a quarter, with the project's own decoder (`bits`).
//! 4. `trim`: removes from a progressive file the scans that libjpeg-turbo does not need at an eighth.
//! 5. `decode`: decodes the pixels; `missing`: counts the rows that are present in a cut-off file.
//! 6. `encode`: writes the file of a variant.
//!
//! Only `turbo` calls the C library.

mod bits;
mod decode;
mod direct;
mod encode;
mod missing;
mod opened;
mod scale;
#[cfg(test)]
mod tests;
mod trim;
mod turbo;

pub(super) use decode::{Pixels, Scaled, decode};
pub(super) use encode::encode;
pub(super) use opened::open;

use super::RenderError;
use image::{
    ImageError, ImageFormat,
    error::{DecodingError, ImageFormatHint},
};
use resizinator_formats::Format;
#[cfg(fuzzing)]
use resizinator_formats::jpeg::MAX_SCANS;

fn reason(text: impl Into<String>) -> ImageError {
    ImageError::Decoding(DecodingError::new(ImageFormatHint::Exact(ImageFormat::Jpeg), text.into()))
}

fn damaged(text: impl Into<String>) -> RenderError {
    RenderError::Decode { format: Format::Jpeg, source: reason(text) }
}

fn cut_short(text: impl Into<String>) -> RenderError {
    RenderError::CutShort { format: Format::Jpeg, source: reason(text) }
}

/// Compares, for the fuzzer, the trimmed form of a file with the whole, and the project's own decoder with
/// libjpeg-turbo. Where a component becomes more than one pixel per block, the project's own decoder has pixels of its
/// own on purpose, so that only their number is compared; for these, tests compare progressive files with sequential ones.
///
/// # Panics
/// If both decode without an error, but to different pixels.
#[cfg(fuzzing)]
pub(super) fn assert_no_pixel_changes(input: &[u8], memory: u64) {
    let Ok(opened) = open(input) else { return };
    let limits = turbo::DecoderBounds { memory, scans: MAX_SCANS };
    // A wanted height of one row gives the smallest scale. The second height usually gives twice that scale.
    let frame = &opened.jpeg.frame;
    for wanted in [1, scale::Scale::choose(&opened, 1).of(frame.height.min(frame.width))] {
        let scale = scale::Scale::choose(&opened, wanted);
        if opened.library_memory(scale) > memory {
            return;
        }
        let decode = |file: &[u8]| turbo::decode(file, scale, opened.colour, limits);
        let Ok(whole @ turbo::Decoded { problem: None, .. }) = decode(input) else { continue };
        if let Ok(part) = decode(&trim::trimmed(input, &opened, scale)) {
            assert!(part.problem.is_none(), "of the trimmed file: {:?}", part.problem);
            assert!(whole.samples == part.samples, "the pixels differ");
        }
        if let Some(samples) = direct::decode(&opened, scale) {
            assert_eq!(whole.samples.len(), samples.len());
            let is_exact = direct::is_exact(frame, scale);
            assert!(!is_exact || whole.samples == samples, "the pixels that are decoded directly differ");
        }
    }
}
