//! Tests of files that make false statements, are cut short or are no images.

use super::{
    files::{self, Png, file, jpeg, quarters},
    refused, render_broken, render_file, with_pixels, within,
};
use crate::pipeline::{Heights, RenderLimits, render};
use image::ImageFormat;
use resizinator_formats::{Format, ImageLimits};
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
fn what_is_no_image_is_damaged_whatever_format_it_is_said_to_be() {
    for format in Format::ALL {
        for file in [b"".as_slice(), b"\x89", b"<svg/>", b"P6 1 1 255\nabc", &[0; 64]] {
            let error =
                render(format, file, &RenderLimits::default(), Heights::default()).expect_err("refused");
            assert_eq!(error.code(), "decode_failed", "{format:?}: {error}");
        }
    }
}

#[test]
fn a_cut_off_image_is_rendered_as_far_as_it_came_or_refused() {
    for format in FORMATS {
        let whole = file(quarters(64, 48), format);
        let format = of_image(format);
        for length in 0..whole.len().min(700) {
            render_broken(format, &whole[..length]);
        }
        for part in 1..20 {
            render_broken(format, &whole[..whole.len() * part / 20]);
        }
    }
}

#[test]
fn a_damaged_image_is_rendered_or_refused_for_what_is_wrong_with_it() {
    for format in FORMATS {
        let whole = file(quarters(64, 48), format);
        let format = of_image(format);
        for position in 0..whole.len().min(300) {
            for value in [0, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[position] = value;
                render_broken(format, &damaged);
            }
        }
    }
}

fn of_image(format: ImageFormat) -> Format {
    let of = |ours: &Format| ours.content_type() == format.to_mime_type();
    Format::ALL.into_iter().find(of).expect("a format of ours")
}

#[test]
fn an_image_that_ends_in_its_header_says_so() {
    for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::Tiff] {
        let whole = file(quarters(64, 48), format);
        let error = refused(&whole[..12], &RenderLimits::default());
        assert_eq!(error.code(), "decode_failed", "{error}");
    }
    let png = file(quarters(64, 48), ImageFormat::Png);
    assert_eq!(
        refused(&png[..60], &RenderLimits::default()).to_string(),
        "The PNG image cannot be decoded: the file ends too early."
    );
}

#[test]
fn a_png_that_announces_four_billion_pixels_is_refused_at_once() {
    let png = Png::new(65_535, 65_535, 8, 6).rows(&[0]);
    let start = Instant::now();
    let error = refused(&png, &RenderLimits::default());
    assert!(start.elapsed() < Duration::from_millis(200));
    assert_eq!(error.code(), "too_many_pixels");
    assert!(error.to_string().contains("4294836225 (65535 × 65535)"));
}

#[test]
fn sides_that_overflow_when_multiplied_are_refused() {
    let png = Png::new(i32::MAX as u32, i32::MAX as u32, 16, 6).rows(&[0]);
    let error = refused(&png, &RenderLimits::default());
    assert_eq!(error.code(), "too_many_pixels", "{error}");
    // A single row is already more than the decoder may hold.
    let limits = within(ImageLimits { pixels: u64::MAX, side: u32::MAX, ..ImageLimits::default() });
    assert_eq!(refused(&png, &limits).code(), "decoder_memory");
}

#[test]
fn the_limit_of_pixels_lets_exactly_that_many_pass() {
    for format in FORMATS {
        let image = file(files::plain(20, 10, files::RED), format);
        assert!(render_file(&image, &with_pixels(200)).is_ok());
        assert_eq!(refused(&image, &with_pixels(199)).code(), "too_many_pixels");
    }
}

#[test]
fn an_image_that_needs_more_memory_than_allowed_is_refused() {
    let limits = RenderLimits { decoder_memory: 100_000, ..RenderLimits::default() };
    for format in FORMATS {
        let error = refused(&file(files::plain(200, 200, files::RED), format), &limits);
        assert_eq!(error.code(), "decoder_memory", "{format:?}: {error}");
    }
}

#[test]
fn trailing_bytes_do_no_harm() {
    let mut image = jpeg(&quarters(64, 48));
    image.extend([0xff; 1000]);
    assert!(render_file(&image, &RenderLimits::default()).is_ok());
}
