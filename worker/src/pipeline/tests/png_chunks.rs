//! Tests of the chunks that a PNG file has beside the pixels of its default image.

use super::{
    assert_close, decoded,
    files::{self, Png, file, quarters},
    refused, rendered,
};
use crate::pipeline::RenderLimits;
use image::ImageFormat;
use resizinator_formats::png::Chunks;

/// 128 × 64 pixels of red.
fn red() -> Vec<u8> {
    [0].into_iter().chain(files::RED.repeat(128)).collect::<Vec<_>>().repeat(64)
}

/// An `fcTL` chunk's data: the whole canvas, for so many hundredths of a second.
fn frame(sequence: u32) -> Vec<u8> {
    let numbers = [sequence, 128, 64, 0, 0].map(u32::to_be_bytes);
    [&numbers.concat()[..], &[0, 100, 0, 100, 0, 1]].concat()
}

#[track_caller]
fn is_red(file: &[u8]) {
    let variants = rendered(file);
    assert_eq!((variants.medium.width, variants.medium.height), (128, 64));
    assert_close(decoded(&variants.medium).into_rgb8().get_pixel(60, 30).0, files::RED, 0);
}

#[test]
fn an_animation_is_a_still_whatever_number_of_frames_it_announces() {
    for frames in [0, 2, 0x8000_0001, u32::MAX] {
        let control = [frames, 1].map(u32::to_be_bytes).concat();
        let file = Png::new(128, 64, 8, 2).chunk(b"acTL", &control).chunk(b"fcTL", &frame(0)).rows(&red());
        is_red(&file);
    }
}

#[test]
fn what_is_wrong_with_an_animation_does_not_harm_its_default_image() {
    let control = [2, 1].map(u32::to_be_bytes).concat();
    let animation = || Png::new(128, 64, 8, 2).chunk(b"acTL", &control);
    is_red(&animation().chunk(b"fcTL", &frame(5)).rows(&red()));
    is_red(&animation().chunk(b"fcTL", &frame(0)).chunk(b"fcTL", &frame(0)).rows(&red()));
    is_red(&animation().chunk(b"fcTL", b"short").rows(&red()));
    is_red(&animation().chunk(b"fdAT", b"\0\0\0\x01before the pixels").rows(&red()));
    is_red(&Png::new(128, 64, 8, 2).chunk(b"acTL", b"short").rows(&red()));
}

#[test]
fn a_palette_that_is_but_a_proposal_does_no_harm() {
    is_red(&Png::new(128, 64, 8, 2).chunk(b"PLTE", &[9; 4]).rows(&red()));
    is_red(&Png::new(128, 64, 8, 2).chunk(b"PLTE", &[]).rows(&red()));
}

#[test]
fn the_exif_block_counts_behind_the_pixels_too() {
    let png = file(quarters(60, 40), ImageFormat::Png);
    let with_exif = Png::new(1, 1, 8, 2).chunk(b"eXIf", &files::exif(6)).rows(&[]);
    let exif = Chunks::of(&with_exif).find(|chunk| &chunk.kind == b"eXIf").expect("the chunk").whole;
    let (image, end) = png.split_at(png.len() - 12);
    let turned = rendered(&[image, exif, end].concat()).medium;
    assert_eq!((turned.width, turned.height), (40, 60));
    let beyond_the_end = rendered(&[image, end, exif].concat()).medium;
    assert_eq!((beyond_the_end.width, beyond_the_end.height), (60, 40));
}

#[test]
fn a_file_renders_without_its_end_and_not_without_its_last_rows() {
    let png = file(quarters(60, 40), ImageFormat::Png);
    let without_its_end = rendered(&png[..png.len() - 12]).medium;
    assert_eq!((without_its_end.width, without_its_end.height), (60, 40));
    let error = refused(&png[..png.len() - 40], &RenderLimits::default());
    assert_eq!(error.to_string(), "The PNG image cannot be decoded: the file ends too early.");
}
