//! JPEG: decoding at a fraction of the size, by our own decoder or with libjpeg-turbo, and encoding.
//!
//! 1. `opened`: what the segments before the first pixel mean, which `resizinator_formats::jpeg` has read.
//! 2. `scale`: the smallest fraction that still serves the medium variant.
//! 3. `direct`: an eighth or a quarter of a file that is in perfect order, by our own decoder (`bits`).
//! 4. `trim`: for libjpeg-turbo, a progressive file without the scans that an eighth does not look at.
//! 5. `decode`: the pixels; `missing`: how much of a cut-off file came.
//! 6. `encode`: a variant's file.
//!
//! Only `turbo` talks to the C library.

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

/// Holds a file's trimmed form against the whole, and our own decoder against libjpeg-turbo, for the fuzzer.
///
/// # Panics
/// If they decode without a complaint, but to other pixels.
#[cfg(fuzzing)]
pub(super) fn assert_no_pixel_changes(input: &[u8], memory: u64) {
    let Ok(opened) = open(input) else { return };
    let limits = turbo::DecoderBounds { memory, scans: MAX_SCANS };
    // The lowest row, and so the smallest scale that there is; and twice that, as a rule.
    let frame = &opened.jpeg.frame;
    for wanted in [1, scale::Scale::choose(&opened, 1).of(frame.height.min(frame.width))] {
        let scale = scale::Scale::choose(&opened, wanted);
        if opened.decoder_memory(wanted) > memory {
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
