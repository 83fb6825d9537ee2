//! Tests of the cost of a reading, which is counted in steps. Each step reads one window of the file.

use super::{animated, chunk, extended, frame, lossless, lossy, webp};
use crate::tests::Windowed;
use crate::webp::lenient::read_from;
use crate::{ImageLimits, inspect};

const MILLION: usize = 1_000_000;

/// Fails unless both readings take at most as many steps as the file has bytes.
#[track_caller]
fn is_linear(file: &[u8]) {
    let source = &mut Windowed::new(file);
    let header = inspect(source, &ImageLimits { frames: u32::MAX, ..ImageLimits::default() });
    // The signature is looked at first, in windows of 7 bytes.
    assert!(source.windows <= file.len() as u64 + 200, "{} steps, strictly", source.windows);
    let source = &mut Windowed::new(file);
    let webp = read_from(source, file).expect("it is read");
    assert!(source.windows <= file.len() as u64 + 20, "{} steps, leniently", source.windows);
    assert_eq!(header, Ok(webp.header()));
}

#[test]
fn a_million_empty_chunks_take_as_many_steps_before_and_behind_a_picture() {
    let empty = |kind| chunk(kind, b"").repeat(MILLION / 8);
    let chunks = [empty(b"JUNK"), empty(b"ICCP"), empty(b"EXIF"), empty(b"ANMF")].concat();
    is_linear(&webp(&[extended(0x10, 3, 2), chunks.clone(), lossless(3, 2), chunks.clone()]));
    is_linear(&webp(&[lossy(3, 2), chunks]));
    let alpha = [chunk(b"ALPH", b"").repeat(MILLION / 8), chunk(b"ALPH", b"\x01a")].concat();
    is_linear(&webp(&[extended(0x10, 3, 2), alpha, lossy(3, 2)]));
}

#[test]
fn hundreds_of_thousands_of_frames_and_of_chunks_in_them_take_as_many_steps() {
    is_linear(&animated(&[frame(0, 1, 1, &lossless(1, 1)).repeat(MILLION / 8)]));
    let chunks = [chunk(b"JUNK", b"").repeat(MILLION / 8), lossless(1, 1)].concat();
    is_linear(&animated(&[frame(0, 1, 1, &chunks), chunk(b"ANIM", &[0; 6]).repeat(MILLION / 8)]));
}

#[test]
fn frames_without_a_picture_take_as_many_steps() {
    for frame in [&chunk(b"ANMF", b"")[..], &chunk(b"ANMF", &[0; 16]), &frame(0, 1, 1, &chunk(b"JUNK", b""))]
    {
        let file = animated(&[frame.repeat(MILLION / 8)]);
        let source = &mut Windowed::new(&file);
        let webp = read_from(source, &file).expect("it is read");
        assert_eq!(webp.header().frames as usize, MILLION / 8);
        assert!(source.windows <= file.len() as u64 + 20, "{} steps", source.windows);
    }
}

#[test]
fn the_strict_reading_stops_above_the_limit_of_frames() {
    let one = frame(0, 1, 1, &lossless(1, 1));
    let file = animated(&[one.repeat(MILLION / 8)]);
    let source = &mut Windowed::new(&file);
    let header = inspect(source, &ImageLimits { frames: 500, ..ImageLimits::default() }).unwrap();
    assert_eq!(header.frames, 501);
    assert!(source.windows < 501 * one.len() as u64, "{} steps", source.windows);
}
