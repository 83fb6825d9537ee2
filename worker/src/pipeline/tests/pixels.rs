//! Tests of depths, palettes and alpha.

use super::{
    assert_close, decoded,
    files::{self, Png, file},
    rendered,
};
use image::{ColorType, GrayAlphaImage, ImageBuffer, ImageFormat, LumaA, Rgb, Rgb32FImage, Rgba, RgbaImage};

/// An image that is white on the left of a hard edge, and transparent black on the right of it.
fn white_beside_nothing(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, _| {
        // Not a multiple of the scale, so that the edge falls within a pixel of the variant.
        Rgba(if x < width / 2 + 1 { [255; 4] } else { [0; 4] })
    })
}

#[test]
fn the_hidden_black_of_transparent_pixels_darkens_no_edge() {
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff] {
        let variants = rendered(&file(white_beside_nothing(1000, 1000), format));
        let small = decoded(&variants.small).into_rgba8();
        let mut edge = 0;
        for pixel in small.pixels().filter(|pixel| pixel[3] > 0) {
            assert_close([pixel[0], pixel[1], pixel[2]], [255; 3], 1);
            edge += usize::from(pixel[3] < 255);
        }
        assert!(edge >= 100, "the edge is soft");
        assert_eq!(small.get_pixel(0, 0).0, [255; 4]);
        assert_eq!(small.get_pixel(99, 0)[3], 0);
    }
}

#[test]
fn grey_with_alpha_keeps_both() {
    let original = GrayAlphaImage::from_fn(400, 400, |x, _| LumaA(if x < 203 { [255, 255] } else { [0, 0] }));
    let variants = rendered(&file(original, ImageFormat::Png));
    let small = decoded(&variants.small);
    assert_eq!(small.color(), ColorType::La8);
    for pixel in small.into_luma_alpha8().pixels() {
        assert!(pixel[1] == 0 || pixel[0] >= 254, "{pixel:?}");
    }
}

#[test]
fn a_gifs_transparency_survives_without_a_dark_edge() {
    let variants = rendered(&file(white_beside_nothing(1000, 1000), ImageFormat::Gif));
    for pixel in decoded(&variants.small).into_rgba8().pixels() {
        match pixel[3] {
            0 => {}
            255 => assert_close([pixel[0], pixel[1], pixel[2]], [255; 3], 1),
            other => panic!("a GIF has no alpha of {other}"),
        }
    }
    let small = decoded(&variants.small).into_rgba8();
    assert_eq!(small.get_pixel(0, 50)[3], 255);
    assert_eq!(small.get_pixel(99, 50)[3], 0);
}

#[test]
fn sixteen_bits_are_rounded_to_eight_not_cut() {
    // Of 255: 127.498, 128.494, 254.502 and 254.004.
    for (sixteen, eight) in [(0x7fff, 127), (0x80ff, 128), (0xff7f, 255), (0xfeff, 254)] {
        let pixel = Rgb([sixteen, 0, u16::MAX]);
        for size in [50, 500] {
            let original = ImageBuffer::from_pixel(size, size, pixel);
            let variants = rendered(&file(original, ImageFormat::Png));
            let small = decoded(&variants.small);
            assert_eq!(small.color(), ColorType::Rgb8);
            assert_eq!(small.into_rgb8().get_pixel(25, 25).0, [eight, 0, 255]);
        }
    }
}

#[test]
fn floats_outside_black_and_white_are_clamped() {
    let original = Rgb32FImage::from_fn(400, 400, |x, y| {
        Rgb(if (x, y) == (200, 200) { [f32::MAX, f32::NAN, f32::NEG_INFINITY] } else { [-3.0, 0.5, 7.0] })
    });
    let variants = rendered(&file(original, ImageFormat::Tiff));
    let small = decoded(&variants.small);
    assert_eq!(small.color(), ColorType::Rgb8);
    for pixel in small.into_rgb8().pixels() {
        assert_close(pixel.0, [0, 128, 255], 20);
    }
}

#[test]
fn a_palette_png_keeps_its_colours_and_its_transparent_entry() {
    let palette = [files::RED, files::GREEN, files::BLUE].concat();
    // 4 × 3 pixels, two to a byte: a row of each colour.
    let rows = [[0, 0x00, 0x00], [0, 0x11, 0x11], [0, 0x22, 0x22]].concat();
    let png = Png::new(4, 3, 4, 3).chunk(b"PLTE", &palette).chunk(b"tRNS", &[255, 0]).rows(&rows);
    let small = decoded(&rendered(&png).small).into_rgba8();
    assert_eq!(small.get_pixel(3, 0).0, [220, 30, 30, 255]);
    assert_eq!(small.get_pixel(3, 1)[3], 0);
    assert_eq!(small.get_pixel(3, 2).0, [30, 30, 220, 255]);
}

#[test]
fn a_png_of_one_bit_becomes_grey_when_it_shrinks() {
    // 400 rows of 400 pixels, black and white in turns.
    let row: Vec<u8> = std::iter::once(0).chain([0b1010_1010; 50]).collect();
    let variants = rendered(&Png::new(400, 400, 1, 0).rows(&row.repeat(400)));
    let small = decoded(&variants.small);
    assert_eq!(small.color(), ColorType::L8);
    assert_close(small.into_luma8().get_pixel(50, 50).0, [128], 8);
}
