//! Finds out how many rows of a cut-off image are present.
//!
//! Where the data end, libjpeg continues with blocks without coefficients, which are mid-grey in every component. So
//! rows at the bottom that are entirely mid-grey count as missing. A real row of exactly this grey counts as missing
//! too, but this is only used for a file that is known to be cut off.

use super::{opened::Colour, turbo::MID_GREY};

/// The number of rows, from the top, that are present in an image of `width` pixels per row.
pub(super) fn rows_that_came(samples: &[u8], width: u32, colour: Colour) -> u32 {
    let row = width as usize * usize::from(colour.channels());
    let came = samples.chunks_exact(row).rposition(|row| row.iter().any(|&sample| !is_mid_grey(sample)));
    came.map_or(0, |last| last as u32 + 1)
}

/// Whether a sample is mid-grey. Inks that are converted from luma and chroma at mid-grey are 255 - 128.
fn is_mid_grey(sample: u8) -> bool {
    sample == MID_GREY || sample == u8::MAX - MID_GREY
}
