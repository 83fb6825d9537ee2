//! Files that lie, are cut short or are no images.

use super::{
    files::{self, Png, file, jpeg, quarters},
    refused,
};
use crate::pipeline::{Heights, Limits, render};
use image::ImageFormat;
use std::time::{Duration, Instant};

const FORMATS: [ImageFormat; 6] = [
    ImageFormat::Jpeg,
    ImageFormat::Png,
    ImageFormat::Gif,
    ImageFormat::WebP,
    ImageFormat::Bmp,
    ImageFormat::Tiff,
];

#[test]
fn what_is_no_image_is_an_unsupported_format() {
    for file in [b"".as_slice(), b"\x89", b"<svg/>", b"P6 1 1 255\nabc", &[0; 64]] {
        let error = refused(file, &Limits::default());
        assert_eq!(error.code(), "unsupported_format");
    }
}

#[test]
fn a_cut_off_image_never_panics() {
    for format in FORMATS {
        let whole = file(quarters(64, 48), format);
        for length in 0..whole.len().min(700) {
            let _ = render(&whole[..length], &Limits::default(), Heights::default());
        }
        for part in 1..20 {
            let length = whole.len() * part / 20;
            let _ = render(&whole[..length], &Limits::default(), Heights::default());
        }
    }
}

#[test]
fn a_damaged_image_never_panics() {
    // A damaged size may be a large one, which takes its time.
    let limits = Limits { pixels: 1_000_000, ..Limits::default() };
    for format in FORMATS {
        let whole = file(quarters(64, 48), format);
        for position in 0..whole.len().min(300) {
            for value in [0, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[position] = value;
                let _ = render(&damaged, &limits, Heights::default());
            }
        }
    }
}

#[test]
fn an_image_that_ends_in_its_header_says_so() {
    for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::Tiff] {
        let whole = file(quarters(64, 48), format);
        let error = refused(&whole[..12], &Limits::default());
        assert_eq!(error.code(), "decode_failed", "{error}");
    }
    let png = file(quarters(64, 48), ImageFormat::Png);
    assert_eq!(
        refused(&png[..60], &Limits::default()).to_string(),
        "The PNG image cannot be decoded: the file ends too early."
    );
}

#[test]
fn a_png_that_announces_four_billion_pixels_is_refused_at_once() {
    let png = Png::new(65_535, 65_535, 8, 6).rows(&[0]);
    let start = Instant::now();
    let error = refused(&png, &Limits::default());
    assert!(start.elapsed() < Duration::from_millis(200));
    assert_eq!(error.code(), "too_many_pixels");
    assert!(error.to_string().contains("65535 × 65535 = 4294836225"));
}

#[test]
fn sides_that_overflow_when_multiplied_are_refused() {
    let png = Png::new(i32::MAX as u32, i32::MAX as u32, 16, 6).rows(&[0]);
    let error = refused(&png, &Limits::default());
    assert_eq!(error.code(), "too_many_pixels", "{error}");
    // A single row is already more than the decoder may hold.
    let limits = Limits { pixels: u64::MAX, side: u32::MAX, ..Limits::default() };
    assert_eq!(refused(&png, &limits).code(), "decoder_memory");
}

#[test]
fn the_limit_of_pixels_lets_exactly_that_many_pass() {
    let limits = |pixels| Limits { pixels, ..Limits::default() };
    for format in FORMATS {
        let image = file(files::plain(20, 10, files::RED), format);
        assert!(render(&image, &limits(200), Heights::default()).is_ok());
        assert_eq!(refused(&image, &limits(199)).code(), "too_many_pixels");
    }
}

#[test]
fn an_image_that_needs_more_memory_than_allowed_is_refused() {
    let limits = Limits { decoder_memory: 100_000, ..Limits::default() };
    for format in FORMATS {
        let error = refused(&file(files::plain(200, 200, files::RED), format), &limits);
        assert_eq!(error.code(), "decoder_memory", "{format:?}: {error}");
    }
}

#[test]
fn trailing_bytes_do_no_harm() {
    let mut image = jpeg(&quarters(64, 48));
    image.extend([0xff; 1000]);
    assert!(render(&image, &Limits::default(), Heights::default()).is_ok());
}
