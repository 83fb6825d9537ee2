//! Tests of every format and of the format of its variants.

use super::{
    assert_close, decoded,
    files::{self, file, jpeg, middles, quarters},
    render_file, rendered, within,
};
use crate::pipeline::{Heights, RenderLimits, Variants, Wanted, render};
use image::{ColorType, GrayImage, ImageFormat, Luma, Rgba, RgbaImage};
use resizinator_formats::{Format, ImageLimits, Signature, detect, webp};
use resizinator_shared::variant::VariantFormat;

#[track_caller]
fn renders_as(original: ImageFormat, expected: Format, guessed: ImageFormat, tolerance: u8) {
    let variants = rendered(&file(quarters(800, 600), original));
    for (variant, size) in [(&variants.medium, (400, 300)), (&variants.small, (133, 100))] {
        assert_eq!((variant.width, variant.height), size);
        assert_eq!(variant.format, expected);
        assert_eq!(image::guess_format(&variant.bytes).unwrap(), guessed);
        let quarters = [files::RED, files::GREEN, files::BLUE, files::YELLOW];
        for (seen, expected) in middles(&decoded(variant).into_rgb8()).into_iter().zip(quarters) {
            assert_close(seen, expected, tolerance);
        }
    }
}

#[test]
fn a_jpeg_stays_a_jpeg() {
    renders_as(ImageFormat::Jpeg, Format::Jpeg, ImageFormat::Jpeg, 6);
}

#[test]
fn a_png_stays_a_png() {
    renders_as(ImageFormat::Png, Format::Png, ImageFormat::Png, 0);
}

#[test]
fn a_gif_stays_a_gif() {
    renders_as(ImageFormat::Gif, Format::Gif, ImageFormat::Gif, 2);
}

#[test]
fn a_webp_stays_a_webp() {
    renders_as(ImageFormat::WebP, Format::WebP, ImageFormat::WebP, 0);
}

#[test]
fn a_bmp_becomes_a_png() {
    renders_as(ImageFormat::Bmp, Format::Png, ImageFormat::Png, 0);
}

#[test]
fn a_tiff_becomes_a_png() {
    renders_as(ImageFormat::Tiff, Format::Png, ImageFormat::Png, 0);
}

#[test]
fn grey_stays_grey() {
    let grey = GrayImage::from_fn(400, 400, |x, _| Luma([(x / 2) as u8]));
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Tiff] {
        let variants = rendered(&file(grey.clone(), format));
        assert_eq!(decoded(&variants.medium).color(), ColorType::L8);
    }
}

#[test]
fn an_image_of_one_pixel_keeps_its_size_in_every_format() {
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::Gif,
        ImageFormat::WebP,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
    ] {
        let variants = rendered(&file(files::plain(1, 1, files::GREEN), format));
        for variant in [&variants.small, &variants.medium] {
            let pixel = decoded(variant).into_rgb8().get_pixel(0, 0).0;
            assert_close(pixel, files::GREEN, 6);
        }
    }
}

#[test]
fn a_very_wide_image_makes_variants_of_a_bounded_width() {
    let png = file(files::plain(100_000, 2, files::BLUE), ImageFormat::Png);
    let variants = rendered(&png);
    let medium = decoded(&variants.medium).into_rgb8();
    assert_eq!(medium.dimensions(), (4800, 1));
    assert_close(medium.get_pixel(2400, 0).0, files::BLUE, 1);
    assert_eq!(decoded(&variants.small).into_rgb8().dimensions(), (1600, 1));
}

#[test]
fn how_wide_that_is_can_be_set() {
    let png = file(files::plain(4000, 100, files::BLUE), ImageFormat::Png);
    let heights = Heights { max_aspect: 30, ..Heights::default() };
    let variants = render(Format::Png, &png, &RenderLimits::default(), heights).expect("it renders");
    assert_eq!((variants.medium.width, variants.medium.height), (4000, 100));
    assert_eq!((variants.small.width, variants.small.height), (3000, 75));
}

#[test]
fn an_image_of_extreme_length_is_thinned_out_before_it_is_resized() {
    let limits = within(ImageLimits { side: 2_000_000, ..ImageLimits::default() });
    for (width, height, expected) in [(1_000_001, 1, (1600, 1)), (1, 1_000_001, (1, 100))] {
        let original = file(files::plain(width, height, files::GREEN), ImageFormat::Tiff);
        let variants = render_file(&original, &limits).expect("it renders");
        let small = decoded(&variants.small).into_rgb8();
        assert_eq!(small.dimensions(), expected);
        assert!(small.pixels().all(|pixel| pixel.0 == files::GREEN));
    }
}

#[test]
fn no_metadata_is_left_even_in_a_variant_of_the_originals_size() {
    let mut original = files::with_exif(&jpeg(&quarters(40, 30)), 1);
    original.splice(2..2, *b"\xff\xfe\0\x08secret");
    let variants = rendered(&original);
    for variant in [&variants.small, &variants.medium] {
        assert_eq!((variant.width, variant.height), (40, 30));
        for trace in [b"Exif".as_slice(), b"secret"] {
            assert!(!variant.bytes.windows(trace.len()).any(|bytes| bytes == trace));
        }
    }
}

fn rendered_as_webp(original: &[u8]) -> Variants {
    let Signature::Image(format) = detect(original) else { panic!("the file is no image") };
    let wanted = Wanted { format: VariantFormat::WebP, ..Wanted::default() };
    let variants = render(format, original, &RenderLimits::default(), wanted).expect("the image renders");
    for variant in [&variants.small, &variants.medium] {
        assert_eq!(variant.format, Format::WebP);
        assert_eq!(detect(&variant.bytes), Signature::Image(Format::WebP));
    }
    variants
}

#[test]
fn every_original_becomes_a_webp_where_that_is_wanted() {
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::Gif,
        ImageFormat::WebP,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
    ] {
        let variants = rendered_as_webp(&file(quarters(800, 600), format));
        assert_eq!((variants.medium.width, variants.medium.height), (400, 300));
        let quarters = [files::RED, files::GREEN, files::BLUE, files::YELLOW];
        for (seen, expected) in middles(&decoded(&variants.medium).into_rgb8()).into_iter().zip(quarters) {
            assert_close(seen, expected, 6);
        }
    }
}

#[test]
fn a_drawing_becomes_a_webp_without_loss_and_keeps_its_alpha() {
    let ring = |x: u32, y: u32| (20..60).contains(&(x.abs_diff(150) + y.abs_diff(120)));
    let drawing =
        RgbaImage::from_fn(300, 240, |x, y| Rgba(if ring(x, y) { [9, 200, 77, 255] } else { [0; 4] }));
    let medium = rendered_as_webp(&file(drawing.clone(), ImageFormat::Png)).medium;
    let seen = decoded(&medium).into_rgba8();
    assert!(seen.pixels().zip(drawing.pixels()).all(|(a, b)| a == b || (a[3], b[3]) == (0, 0)));
}

#[test]
fn a_photograph_in_a_lossless_file_becomes_a_webp_with_loss() {
    let noise = |x: u32, y: u32| (x * 7919 + y * 104_729).wrapping_mul(2_654_435_761) >> 26;
    let grain = RgbaImage::from_fn(400, 300, |x, y| {
        let level = (x / 4 + noise(x, y)) as u8;
        Rgba([level, level / 2, 90, (y / 2 + 90) as u8])
    });
    let medium = rendered_as_webp(&file(grain.clone(), ImageFormat::Png)).medium;
    assert!(!webp::read(&medium.bytes).expect("a WebP file").lossless);
    let seen = decoded(&medium).into_rgba8();
    assert!(
        seen.pixels().zip(grain.pixels()).all(|(seen, grain)| seen[3] == grain[3]),
        "alpha keeps its levels"
    );
}
