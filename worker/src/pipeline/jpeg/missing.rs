//! How much of a cut-off image came.
//!
//! Where its data end, libjpeg goes on with blocks without coefficients: mid-grey in every component. So the rows at
//! the bottom that are nothing but that did not come. A real row of the very same grey is taken for missing too, but
//! only in a file that is known to be cut off.

use super::{opened::Colour, turbo::MID_GREY};

/// The rows, from the top, that came of an image of `width` pixels a row.
pub(super) fn rows_that_came(samples: &[u8], width: u32, colour: Colour) -> u32 {
    let row = width as usize * usize::from(colour.channels());
    let came = samples.chunks_exact(row).rposition(|row| row.iter().any(|&sample| !is_mid_grey(sample)));
    came.map_or(0, |last| last as u32 + 1)
}

/// The inks of luma and chroma at mid-grey are 255 - 128.
fn is_mid_grey(sample: u8) -> bool {
    sample == MID_GREY || sample == u8::MAX - MID_GREY
}
