//! Tests of the files of variants.

use super::*;
use image::{DynamicImage, Luma, Rgb, RgbImage};
use resizinator_formats::jpeg::{
    Segments,
    marker::{self, Coding},
};

fn gradient() -> RgbImage {
    RgbImage::from_fn(133, 77, |x, y| Rgb([(x * 255 / 133) as u8, (y * 255 / 77) as u8, 90]))
}

#[test]
fn colours_are_baseline_with_chroma_at_a_quarter_and_no_metadata() {
    let file = encode(&gradient().into(), 85).expect("it encodes");
    let opened = open(&file).expect("the header is readable");
    assert_eq!(
        (opened.jpeg.frame.width, opened.jpeg.frame.height, opened.jpeg.frame.coding),
        (133, 77, Coding::Sequential)
    );
    let factors: Vec<_> =
        opened.jpeg.frame.components.iter().map(|component| (component.h, component.v)).collect();
    assert_eq!(factors, [(2, 2), (1, 1), (1, 1)]);
    for segment in Segments::of(opened.jpeg.tables) {
        // JFIF's APP0 is the one that readers want to see.
        assert!(!(0xE1..=0xEF).contains(&segment.marker) && segment.marker != marker::COM);
    }
    // Read by another decoder.
    let seen = image::load_from_memory(&file).expect("it decodes").into_rgb8();
    let expected = gradient();
    let off = seen.iter().zip(expected.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
    assert!(off < 3 * seen.len() as u64, "off by {off} over {} samples", seen.len());
}

#[test]
fn grey_stays_one_channel() {
    let grey = image::GrayImage::from_fn(40, 30, |x, y| Luma([(x * 5 + y) as u8]));
    let file = encode(&grey.into(), 85).expect("it encodes");
    assert_eq!(open(&file).expect("the header is readable").jpeg.frame.components.len(), 1);
    let deep = DynamicImage::new_luma16(40, 30);
    let file = encode(&deep, 85).expect("it encodes");
    assert_eq!(open(&file).expect("the header is readable").jpeg.frame.components.len(), 1);
}

#[test]
fn a_size_that_no_jpeg_has_is_an_error() {
    assert!(encode(&DynamicImage::new_luma8(65_501, 1), 85).is_err());
    assert!(encode(&DynamicImage::new_luma8(65_500, 1), 85).is_ok());
}
