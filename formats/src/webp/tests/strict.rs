//! Tests of the strict reading of WebP.

use super::{animated, chunk, extended, frame, lossless, lossy, sample, still, webp};
use crate::tests::{extent, is_invalid};

#[test]
fn lossy_lossless_and_extended_files_give_their_size() {
    assert_eq!(extent(&webp(&[lossy(300, 200)])), (300, 200, 1));
    // The two upper bits are a scale for display.
    assert_eq!(extent(&webp(&[lossy(0x4000 | 300, 200)])), (300, 200, 1));
    assert_eq!(extent(&webp(&[lossless(16384, 1)])), (16384, 1, 1));
    assert_eq!(extent(&still()), (3, 2, 1));
    assert_eq!(extent(&sample()), (20, 10, 2));
}

#[test]
fn the_last_chunk_may_lack_its_padding() {
    let mut bytes = webp(&[lossless(3, 2)]);
    bytes.pop();
    bytes[4] -= 1;
    assert_eq!(extent(&bytes), (3, 2, 1));
}

#[test]
fn a_chunk_larger_than_its_container_is_invalid() {
    let mut bytes = webp(&[lossy(3, 2)]);
    bytes[16] += 2;
    assert!(is_invalid(&bytes));
    let mut frame_too_small = sample();
    let place = frame_too_small.len() - 6 - 8 + 4;
    frame_too_small[place] = 0xFF;
    assert!(is_invalid(&frame_too_small));
}

#[test]
fn broken_bitstream_headers_are_invalid() {
    for (place, value) in [(20, 0x11), (20, 0x18), (20, 0), (22, 1), (23, 0), (26, 0)] {
        let mut bytes = webp(&[lossy(3, 2)]);
        bytes[place] = value;
        assert!(is_invalid(&bytes), "byte {place}");
    }
    for (place, value) in [(20, 0), (24, 0xE0)] {
        let mut bytes = webp(&[lossless(3, 2)]);
        bytes[place] = value;
        assert!(is_invalid(&bytes), "byte {place}");
    }
    assert!(is_invalid(&webp(&[chunk(b"VP8 ", &[0; 9])])));
    assert!(is_invalid(&webp(&[chunk(b"VP8L", b"\x2F")])));
    assert!(is_invalid(&webp(&[chunk(b"JUNK", &[0; 20])])));
    assert!(is_invalid(&webp(&[])));
}

#[test]
fn an_extended_file_needs_an_image_of_the_size_of_its_canvas() {
    assert!(is_invalid(&webp(&[extended(0, 3, 2)])));
    assert!(is_invalid(&webp(&[extended(0, 3, 2), lossy(4, 2)])));
    assert!(is_invalid(&webp(&[chunk(b"VP8X", &[0; 9]), lossy(1, 1)])));
    // Bytes behind the ten that are defined may be those of a later version.
    assert_eq!(extent(&webp(&[chunk(b"VP8X", &[0; 12]), lossy(1, 1)])), (1, 1, 1));
}

#[test]
fn an_animation_needs_frames_that_lie_on_its_canvas_and_hold_their_image() {
    assert!(is_invalid(&animated(&[])));
    assert!(is_invalid(&animated(&[frame(2, 20, 10, &lossy(20, 10))])));
    assert!(is_invalid(&animated(&[frame(0, 20, 10, &lossy(19, 10))])));
    assert!(is_invalid(&animated(&[frame(0, 20, 10, b"")])));
    assert!(is_invalid(&animated(&[chunk(b"ANMF", &[0; 15])])));
}

#[test]
fn counting_stops_one_above_the_limit() {
    let one = frame(0, 20, 10, &lossy(20, 10));
    assert_eq!(extent(&animated(&vec![one.clone(); 10])).2, 10);
    assert_eq!(extent(&animated(&vec![one; 30])).2, 11);
}

#[test]
fn alpha_that_libwebp_refuses_is_invalid() {
    let with = |alpha: &[u8]| webp(&[extended(0x10, 3, 2), chunk(b"ALPH", alpha), lossy(3, 2)]);
    // Compressed; with each filter and pre-processing; uncompressed, of six pixels.
    for alpha in [&b"\x01a"[..], b"\x0Da", b"\x15a", b"\0abcdef", b"\0abcdefgh"] {
        assert_eq!(extent(&with(alpha)), (3, 2, 1), "{alpha:x?}");
    }
    for alpha in [&b""[..], b"\x01", b"\x02a", b"\x03a", b"\x21a", b"\x81a", b"\0abcde"] {
        assert!(is_invalid(&with(alpha)), "{alpha:x?}");
    }
    // A lossless bitstream has its own, and the last one before a lossy bitstream counts.
    let bad = chunk(b"ALPH", b"");
    assert_eq!(extent(&webp(&[extended(0x10, 3, 2), bad.clone(), lossless(3, 2)])), (3, 2, 1));
    let good = chunk(b"ALPH", b"\x01a");
    assert_eq!(extent(&webp(&[extended(0x10, 3, 2), bad.clone(), good.clone(), lossy(3, 2)])), (3, 2, 1));
    assert!(is_invalid(&webp(&[extended(0x10, 3, 2), good, bad, lossy(3, 2)])));
}

#[test]
fn frames_are_those_of_an_animation_if_the_header_says_so() {
    let one = frame(0, 20, 10, &lossy(20, 10));
    assert!(is_invalid(&webp(&[extended(0, 20, 10), one.clone()])));
    assert_eq!(extent(&webp(&[extended(0, 20, 10), one.clone(), lossy(20, 10)])), (20, 10, 1));
    assert_eq!(extent(&webp(&[extended(2, 20, 10), lossy(9, 9), one])), (20, 10, 1));
    assert!(is_invalid(&webp(&[extended(2, 20, 10), lossy(20, 10)])));
}

#[test]
fn chunks_that_are_not_known_do_no_harm_behind_the_first() {
    let junk = chunk(b"JUNK", &[7; 5]);
    let picture = [junk.clone(), lossy(20, 10), junk.clone()].concat();
    let bytes = [extended(2, 20, 10), junk.clone(), frame(0, 20, 10, &picture), junk.clone()];
    assert_eq!(extent(&webp(&bytes)), (20, 10, 1));
    assert!(is_invalid(&webp(&[junk, lossy(3, 2)])));
}
