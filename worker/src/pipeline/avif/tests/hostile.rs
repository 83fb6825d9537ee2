//! Tests of AVIF files with false statements and of files that are cut short.

use super::super::super::tests::render_broken;
use super::*;
use crate::pipeline::{Heights, render};
use resizinator_formats::{Format, ImageLimits};

#[test]
fn a_file_cut_off_anywhere_is_refused_with_a_reason() {
    for length in 0..QUARTERS.len() {
        let within = RenderLimits::default();
        let error =
            render(Format::Avif, &QUARTERS[..length], &within, Heights::default()).expect_err("refused");
        assert_eq!(error.code(), "decode_failed", "{length}: {error}");
    }
}

#[test]
fn a_damaged_file_is_rendered_or_refused_for_what_is_wrong_with_it() {
    let alpha = File(vec![image(I420), image(GREY).alpha_of(1)]).bytes();
    let grid = File(vec![Item::grid(1, 2, (100, 48), &[2, 3]), image(I420), image(PLAIN_RED)]).bytes();
    for whole in [QUARTERS, &alpha, &grid] {
        for position in 0..whole.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut damaged = whole.to_vec();
                damaged[position] = value;
                render_broken(Format::Avif, &damaged);
            }
        }
    }
}

#[test]
fn a_size_beyond_a_limit_is_refused_before_anything_is_decoded() {
    let [width, height] = [64, 48];
    let within = |pixels, side| {
        let image = ImageLimits { pixels, side, ..ImageLimits::default() };
        refused(QUARTERS, &RenderLimits { image, ..RenderLimits::default() }).code()
    };
    assert_eq!(within(width * height - 1, 100), "too_many_pixels");
    assert_eq!(within(width * height, 63), "side_too_long");
    // A tile of which nearly all would be left out.
    let grid = File(vec![Item::grid(1, 1, (8, 8), &[2]), image(I420)]).bytes();
    let limits = ImageLimits { pixels: 64, ..ImageLimits::default() };
    let limits = RenderLimits { image: limits, ..RenderLimits::default() };
    assert_eq!(refused(&grid, &limits).code(), "too_many_pixels");
    let none = File(vec![Item::new(b"av01", I420).sized(0, 48)]).bytes();
    assert_eq!(refused(&none, &RenderLimits::default()).code(), "decode_failed");
    let memory = RenderLimits { decoder_memory: 20_000, ..RenderLimits::default() };
    assert_eq!(refused(QUARTERS, &memory).code(), "decoder_memory");
}

#[test]
fn data_of_another_size_than_the_file_says_is_damaged() {
    for (width, height) in [(63, 48), (64, 47), (32, 24), (1, 1), (65, 48), (640, 480)] {
        let file = File(vec![Item::new(b"av01", I420).sized(width, height)]).bytes();
        assert_eq!(refused(&file, &RenderLimits::default()).code(), "decode_failed", "{width} × {height}");
    }
    let alpha = Item::new(b"av01", GREY).sized(32, 24).alpha_of(1);
    assert_eq!(
        refused(&File(vec![image(I420), alpha]).bytes(), &RenderLimits::default()).code(),
        "decode_failed"
    );
}

#[test]
fn data_without_a_picture_is_refused() {
    for data in [&b""[..], b"\0", &[0; 100], &[0xff; 100], &I420[..I420.len() / 2], &I420[..12]] {
        let error = refused(&File(vec![image(data)]).bytes(), &RenderLimits::default());
        assert_eq!(error.code(), "decode_failed", "{error}");
    }
}

#[test]
fn bytes_behind_the_end_do_no_harm() {
    let mut file = QUARTERS.to_vec();
    file.extend([0x5a; 1000]);
    shows(&rendered(&file), (64, 48), ALL);
}

/// Found by the fuzzer: in rav1d's reading of the sequence header a number wrapped here. That header is read in
/// `formats`, and the data behind it can be decoded.
#[test]
fn a_header_with_a_unit_of_no_bytes_in_front_renders() {
    let medium = rendered(include_bytes!("samples/short_header.avif")).medium;
    assert_eq!((medium.width, medium.height), (40, 30));
}
