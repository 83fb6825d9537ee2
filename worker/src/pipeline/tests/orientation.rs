//! Tests that variants are upright, however their original is stored.

use super::{
    assert_close, decoded,
    files::{self, jpeg, middles, quarters, with_exif},
    rendered,
};
use image::{
    DynamicImage, ImageEncoder, RgbImage,
    codecs::{png::PngEncoder, webp::WebPEncoder},
    metadata::Orientation,
};

/// The upright image as a camera held that way stores it.
fn stored(upright: &RgbImage, orientation: u8) -> RgbImage {
    // The two quarter turns undo each other, all others undo themselves.
    let undo = match orientation {
        6 => 8,
        8 => 6,
        other => other,
    };
    let mut image = DynamicImage::from(upright.clone());
    image.apply_orientation(Orientation::from_exif(undo).expect("1 to 8"));
    image.into_rgb8()
}

#[track_caller]
fn is_upright(file: &[u8]) {
    let variants = rendered(file);
    for (variant, size) in [(&variants.medium, (400, 300)), (&variants.small, (133, 100))] {
        assert_eq!((variant.width, variant.height), size);
        let colours = [files::RED, files::GREEN, files::BLUE, files::YELLOW];
        for (seen, expected) in middles(&decoded(variant).into_rgb8()).into_iter().zip(colours) {
            assert_close(seen, expected, 6);
        }
    }
}

#[test]
fn a_jpeg_comes_out_upright_from_each_of_the_eight_orientations() {
    let upright = quarters(800, 600);
    for orientation in 1..=8 {
        let stored = stored(&upright, orientation);
        assert_eq!(stored.width() == 600, orientation >= 5);
        is_upright(&with_exif(&jpeg(&stored), orientation));
    }
}

#[test]
fn the_exif_block_of_a_png_counts_too() {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_exif_metadata(files::exif(6)).unwrap();
    stored(&quarters(800, 600), 6).write_with_encoder(encoder).unwrap();
    is_upright(&bytes);
}

#[test]
fn the_exif_block_of_a_webp_counts_too() {
    let mut bytes = Vec::new();
    let mut encoder = WebPEncoder::new_lossless(&mut bytes);
    encoder.set_exif_metadata(files::exif(8)).unwrap();
    stored(&quarters(800, 600), 8).write_with_encoder(encoder).unwrap();
    is_upright(&bytes);
}

#[test]
fn an_unknown_orientation_is_ignored() {
    for orientation in [0, 9, 255] {
        is_upright(&with_exif(&jpeg(&quarters(800, 600)), orientation));
    }
}

#[test]
fn the_limits_of_size_hold_for_the_upright_image() {
    // Stored 2 wide and 2000 high, seen 2000 wide and 2 high.
    let variants = rendered(&with_exif(&jpeg(&quarters(2, 2000)), 6));
    let small = (variants.small.width, variants.small.height);
    let medium = (variants.medium.width, variants.medium.height);
    assert_eq!((small, medium), ((1600, 2), (2000, 2)));
}
