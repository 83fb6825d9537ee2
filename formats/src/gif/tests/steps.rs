//! Tests of the cost of a reading, which is counted in steps. Each step reads one window of the file.

use std::convert::Infallible;

use super::{TRAILER, image, screen};
use crate::gif::lenient::read_from;
use crate::tests::Windowed;
use crate::{ImageLimits, InspectError, inspect};

const MILLION: usize = 1_000_000;

/// Fails unless both readings take at most as many steps as the file has bytes.
#[track_caller]
fn is_linear(file: &[u8]) {
    let source = &mut Windowed::new(file);
    let strict = inspect(source, &ImageLimits { frames: u32::MAX, ..ImageLimits::default() });
    assert!(!matches!(strict, Err(InspectError::<Infallible>::Source(_))));
    // The signature is looked at first, in windows of 7 bytes.
    assert!(source.windows <= file.len() as u64 + 200, "{} steps, strictly", source.windows);
    let source = &mut Windowed::new(file);
    let gif = read_from(source, file).expect("it has a frame");
    assert!(source.windows <= file.len() as u64 + 20, "{} steps, leniently", source.windows);
    assert_eq!(gif.frames().count(), gif.header().frames as usize);
}

/// A file of one frame and these blocks.
fn followed_by(blocks: &[&[u8]]) -> Vec<u8> {
    [&screen(2, 2, 0)[..], &image(2, 2, 0, 2), &blocks.concat(), TRAILER].concat()
}

#[test]
fn a_million_stray_terminators_take_as_many_steps() {
    is_linear(&followed_by(&[&[0; MILLION]]));
}

#[test]
fn a_million_empty_extensions_take_as_many_steps() {
    is_linear(&followed_by(&[&b"\x21\xFE\0".repeat(MILLION)]));
    for extension in [&b"\x21\xF9\0"[..], b"\x21\xFF\0", b"\x21\xFF\x0BNETSCAPE2.0\0"] {
        is_linear(&followed_by(&[&extension.repeat(MILLION / 50)]));
    }
}

#[test]
fn a_million_sub_blocks_take_as_many_steps() {
    is_linear(&followed_by(&[b"\x21\xFE", &b"\x01a".repeat(MILLION), b"\0"]));
    let some = b"\x01\x01".repeat(MILLION / 50);
    for start in [&b"\x21\xF9"[..], b"\x21\xFF", b"\x21\xFF\x0BNETSCAPE2.0"] {
        is_linear(&followed_by(&[start, &some, b"\0"]));
    }
}

#[test]
fn hundreds_of_thousands_of_frames_of_no_pixels_take_as_many_steps() {
    let frames = b"\x2C\0\0\0\0\0\0\0\0\0\x02\0".repeat(MILLION / 4);
    is_linear(&[&screen(2, 2, 0)[..], &frames, TRAILER].concat());
}

#[test]
fn the_strict_reading_stops_above_the_limit_of_frames() {
    let frames = b"\x2C\0\0\0\0\0\0\0\0\0\x02\0".repeat(MILLION / 4);
    let file = [&screen(2, 2, 0)[..], &frames].concat();
    let source = &mut Windowed::new(&file);
    let header = inspect(source, &ImageLimits { frames: 500, ..ImageLimits::default() }).unwrap();
    assert_eq!(header.frames, 501);
    assert!(source.windows < 501 * 12 + 200, "{} steps", source.windows);
}
