//! JPEG: decoding at a fraction of the size, and encoding, with libjpeg-turbo.
//!
//! 1. `header`: what the markers before the first pixel say, read in safe Rust (`markers`, `scans`, `icc`).
//! 2. `scale`: the smallest fraction that still serves the medium variant.
//! 3. `trim`: the file without what this fraction does not look at: scans of a progressive one, coefficients of a
//!    `sequential` one (`huffman`, `bits`).
//! 4. `decode`: the pixels; `missing`: how much of a cut-off file came.
//! 5. `encode`: a variant's file.
//!
//! Only `turbo` talks to the C library.

mod bits;
mod decode;
mod direct;
mod encode;
mod header;
mod huffman;
mod icc;
mod markers;
mod missing;
mod scale;
mod scans;
#[cfg(test)]
mod tests;
mod trim;
mod turbo;

pub(super) use decode::{Pixels, Scaled, decode};
pub(super) use encode::encode;
pub(super) use header::read_header;

use super::RenderError;
use image::{
    ImageError, ImageFormat,
    error::{DecodingError, ImageFormatHint, UnsupportedError, UnsupportedErrorKind},
};
use resizinator_shared::image::Format;

fn reason(text: impl Into<String>) -> ImageError {
    ImageError::Decoding(DecodingError::new(ImageFormatHint::Exact(ImageFormat::Jpeg), text.into()))
}

fn damaged(text: impl Into<String>) -> RenderError {
    RenderError::Decode { format: Format::Jpeg, source: reason(text) }
}

fn cut_short(text: impl Into<String>) -> RenderError {
    RenderError::CutShort { format: Format::Jpeg, source: reason(text) }
}

fn unsupported(text: impl Into<String>) -> RenderError {
    let source = ImageError::Unsupported(UnsupportedError::from_format_and_kind(
        ImageFormatHint::Exact(ImageFormat::Jpeg),
        UnsupportedErrorKind::GenericFeature(text.into()),
    ));
    RenderError::UnsupportedFeature { format: Format::Jpeg, source }
}

/// Holds a file's trimmed form against the whole, for the fuzzer.
///
/// # Panics
/// If both decode without a complaint, but to other pixels.
#[cfg(fuzzing)]
pub(super) fn assert_trimming_changes_no_pixel(input: &[u8], memory: u64) {
    let Ok(header) = read_header(input) else { return };
    // The lowest row, and so the smallest scale that there is.
    let scale = scale::Scale::choose(&header, 1);
    if header.decoder_memory(1) > memory {
        return;
    }
    let trimmed = trim::trimmed(input, &header, scale);
    let limits = turbo::Limits { memory, scans: scans::LIMIT };
    let decode = |file: &[u8]| turbo::decode(file, scale, header.colour, limits);
    if let (Ok(whole), Ok(part)) = (decode(input), decode(&trimmed))
        && whole.problem.is_none()
    {
        assert!(part.problem.is_none(), "of the trimmed file: {:?}", part.problem);
        assert!(whole.samples == part.samples, "the pixels differ");
    }
}
