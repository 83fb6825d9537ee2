//! Tests that render AVIF files. The boxes are made here, and the AV1 data by another encoder.
//!
//! `samples` holds pictures of 64 × 48 pixels: the four quarters of `files::quarters`, one all red, and a grey one that
//! goes from black at the left to white at the right.

mod colours;
mod containers;
mod hostile;
mod means;
mod writer;

use super::super::tests::{assert_close, decoded, files, refused, rendered};
use super::super::{RenderLimits, Variants};
use files::{BLUE, GREEN, RED, YELLOW, middles};
use writer::{File, Item, part};

/// A whole file, by libavif.
pub(in crate::pipeline) const QUARTERS: &[u8] = include_bytes!("samples/quarters.avif");

const I420: &[u8] = include_bytes!("samples/420.obu");
const I422: &[u8] = include_bytes!("samples/422.obu");
const I444: &[u8] = include_bytes!("samples/444.obu");
const LIMITED: &[u8] = include_bytes!("samples/limited.obu");
const EXACT: &[u8] = include_bytes!("samples/exact.obu");
const TEN: &[u8] = include_bytes!("samples/10_bits.obu");
const TWELVE: &[u8] = include_bytes!("samples/12_bits.obu");
const PLAIN_RED: &[u8] = include_bytes!("samples/red.obu");
const GREY: &[u8] = include_bytes!("samples/grey.obu");

const ALL: [[u8; 3]; 4] = [RED, GREEN, BLUE, YELLOW];

/// An image of 64 × 48 pixels in `data`.
fn image(data: &[u8]) -> Item {
    Item::new(b"av01", data).sized(64, 48)
}

/// Fails unless the middles of the variants' quarters have these colours, within what coding loses.
#[track_caller]
fn shows(variants: &Variants, size: (u32, u32), colours: [[u8; 3]; 4]) {
    for variant in [&variants.small, &variants.medium] {
        assert_eq!((variant.width, variant.height), size);
        for (seen, expected) in middles(&decoded(variant).into_rgb8()).into_iter().zip(colours) {
            assert_close(seen, expected, 6);
        }
    }
}
