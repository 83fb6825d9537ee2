//! Tests with files of other projects' test suites that were once refused or failed, and their right result.

use super::{decoded, rendered};
use image::{AnimationDecoder, codecs::gif::GifDecoder};
use resizinator_formats::{ImageLimits, inspect};
use std::io::Cursor;

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../../../../formats/tests/files/others/", $name))
    };
}

/// Width, height and frames, as an upload of the file is answered.
#[track_caller]
fn accepted(file: &[u8]) -> (u32, u32, u32) {
    let header = inspect(&mut { file }, &ImageLimits::default()).expect("the upload is accepted");
    (header.width, header.height, header.frames)
}

#[test]
fn a_gif_without_a_trailer_keeps_all_its_frames() {
    let file = file!("no_trailer.gif");
    let (width, height, frames) = accepted(file);
    assert_eq!((width, height), (400, 320));
    let medium = rendered(file).medium;
    let decoder = GifDecoder::new(Cursor::new(&medium.bytes)).expect("a GIF");
    assert_eq!(decoder.into_frames().collect_frames().expect("its frames").len(), frames as usize);
    assert!(frames > 1);
}

#[test]
fn clear_codes_that_follow_each_other_leave_a_checkerboard() {
    let file = file!("double_clears.gif");
    assert_eq!(accepted(file), (8, 8, 1));
    let seen = decoded(&rendered(file).medium).into_rgba8();
    let (even, odd) = (*seen.get_pixel(0, 0), *seen.get_pixel(1, 0));
    assert_ne!(even, odd);
    for (x, y, pixel) in seen.enumerate_pixels() {
        assert_eq!(*pixel, if (x + y) % 2 == 0 { even } else { odd }, "{x}, {y}");
    }
}

#[test]
fn a_comment_that_lies_about_its_length_is_passed_over() {
    let file = file!("bad_comment_length.jpg");
    assert_eq!(accepted(file), (36, 28, 1));
    let medium = rendered(file).medium;
    assert_eq!((medium.width, medium.height), (36, 28));
}

#[test]
fn the_frames_that_a_png_announces_play_no_part_while_its_still_image_is_rendered() {
    let file = file!("apng_frames_invalid.png");
    assert_eq!(accepted(file), (128, 64, 1));
    let medium = rendered(file).medium;
    assert_eq!((medium.width, medium.height), (128, 64));
}
