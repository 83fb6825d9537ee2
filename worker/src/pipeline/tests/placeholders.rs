//! Tests of the placeholder and of the number of frames, which are decoded as a client decodes them.

use std::time::{Duration, Instant};

use super::{
    Variants, assert_close, decoded,
    files::{self, Png, file, jpeg, plain, quarters, with_exif},
    rendered,
};
use crate::pipeline::{animation::FrameWriter as _, placeholder, size::Size, webp};
use base64::{Engine, engine::general_purpose::STANDARD};
use fast_image_resize::Resizer;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use resizinator_formats::LoopCount;
use resizinator_shared::placeholder::Placeholder;
use thumbhash::{thumb_hash_to_approximate_aspect_ratio, thumb_hash_to_average_rgba, thumb_hash_to_rgba};

const AVIF: &[u8] = include_bytes!("../avif/tests/samples/quarters.avif");

fn hash(placeholder: &Placeholder) -> Vec<u8> {
    STANDARD.decode(placeholder.as_str()).expect("base64")
}

/// The blurred picture that a client paints.
fn painted(placeholder: &Placeholder) -> RgbaImage {
    let (width, height, pixels) = thumb_hash_to_rgba(&hash(placeholder)).expect("a ThumbHash");
    let side = |side| u32::try_from(side).expect("a short side");
    RgbaImage::from_raw(side(width), side(height), pixels).expect("four bytes a pixel")
}

/// The mean of the channels, in which each pixel counts as much as it is opaque.
fn average(image: &RgbaImage) -> [u8; 3] {
    let weight: u64 = image.pixels().map(|pixel| u64::from(pixel[3])).sum();
    [0, 1, 2].map(|channel| {
        let sum: u64 = image.pixels().map(|pixel| u64::from(pixel[channel]) * u64::from(pixel[3])).sum();
        (sum / weight.max(1)) as u8
    })
}

#[track_caller]
fn paints_the_small_variant(variants: &Variants) {
    let small = decoded(&variants.small).into_rgba8();
    assert_close(average(&painted(&variants.placeholder)), average(&small), 16);
}

#[test]
fn the_placeholder_of_every_format_has_the_colour_of_the_small_variant_in_each_quarter() {
    let quarters = || quarters(800, 600);
    let formats = [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::Gif,
        ImageFormat::WebP,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
    ];
    let files = formats.map(|format| file(quarters(), format));
    for original in files.iter().map(Vec::as_slice).chain([AVIF]) {
        let variants = rendered(original);
        paints_the_small_variant(&variants);
        assert_eq!(variants.frames.get(), 1);
        let painted = DynamicImage::from(painted(&variants.placeholder)).into_rgb8();
        let quarters = [files::RED, files::GREEN, files::BLUE, files::YELLOW];
        for (seen, expected) in files::middles(&painted).into_iter().zip(quarters) {
            assert_close(seen, expected, 60);
        }
    }
}

#[test]
fn the_row_gets_the_frames_and_the_placeholder() {
    let variants = rendered(&file(quarters(80, 60), ImageFormat::Png));
    let stored = variants.stored();
    assert_eq!((stored.frames, stored.placeholder), (Some(1), Some(variants.placeholder)));
}

#[test]
fn an_animation_has_its_number_of_frames_and_the_placeholder_of_its_first() {
    let first = RgbaImage::from_pixel(400, 300, Rgba([220, 30, 30, 255]));
    let second = RgbaImage::from_pixel(400, 300, Rgba([30, 30, 220, 255]));
    let size = Size { width: 400, height: 300 };
    let mut writer = Box::new(webp::Writer::new(size, LoopCount::Forever, webp::Coding::Lossless, 3));
    for frame in [&first, &second, &second] {
        writer.add(frame.clone(), 40).expect("a frame");
    }
    let webp = writer.finish().expect("an animation");
    let mut gif = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
    for frame in [&first, &second, &second] {
        encoder.encode_frame(image::Frame::new(frame.clone())).expect("a frame");
    }
    drop(encoder);
    for original in [webp, gif] {
        let variants = rendered(&original);
        assert_eq!(variants.frames.get(), 3);
        assert_eq!(variants.stored().frames, Some(3));
        assert_close(average(&painted(&variants.placeholder)), files::RED, 12);
    }
}

#[test]
fn an_animation_that_ends_early_has_the_frames_that_came() {
    let mut gif = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
    for number in 0..4 {
        let noise = RgbaImage::from_fn(64, 64, |x, y| {
            let grey = (x * 7 + y * 13 + number * 50) as u8;
            Rgba([grey, grey.wrapping_mul(3), grey, 255])
        });
        encoder.encode_frame(image::Frame::new(noise)).expect("a frame");
    }
    drop(encoder);
    // The fourth frame is cut off.
    gif.truncate(gif.len() - 400);
    assert_eq!(rendered(&gif).frames.get(), 3);
}

#[test]
fn the_placeholder_of_an_image_with_alpha_is_as_transparent() {
    let disc = RgbaImage::from_fn(400, 400, |x, y| {
        let inside = x.abs_diff(200).pow(2) + y.abs_diff(200).pow(2) < 150_u32.pow(2);
        // The hidden colour must not show.
        if inside { Rgba([220, 30, 30, 255]) } else { Rgba([0, 255, 0, 0]) }
    });
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Tiff] {
        let variants = rendered(&file(disc.clone(), format));
        let painted = painted(&variants.placeholder);
        assert_close(average(&painted), files::RED, 16);
        assert!(painted.get_pixel(0, 0)[3] < 40, "{format:?}: {:?}", painted.get_pixel(0, 0));
        let middle = painted.get_pixel(painted.width() / 2, painted.height() / 2);
        assert!(middle[3] > 215, "{format:?}: {middle:?}");
    }
}

#[test]
fn what_is_nowhere_visible_has_a_placeholder_too() {
    let nothing = rendered(&file(RgbaImage::new(300, 200), ImageFormat::Png));
    assert!(painted(&nothing.placeholder).pixels().all(|pixel| pixel[3] == 0));
}

#[test]
fn an_image_of_one_pixel_and_a_very_long_one_have_placeholders_of_their_colour() {
    for (width, height) in [(1, 1), (2, 1), (1, 3), (32, 32), (33, 31), (10_000, 3), (3, 10_000), (5000, 300)]
    {
        let variants = rendered(&file(plain(width, height, files::BLUE), ImageFormat::Png));
        assert_close(average(&painted(&variants.placeholder)), files::BLUE, 12);
        let aspect = thumb_hash_to_approximate_aspect_ratio(&hash(&variants.placeholder)).expect("it says");
        assert_eq!(aspect > 1.2, 5 * width > 6 * height, "{width}×{height}: {aspect}");
        assert_eq!(aspect < 0.8, 5 * height > 6 * width, "{width}×{height}: {aspect}");
    }
}

#[test]
fn the_placeholder_of_a_turned_photograph_is_upright() {
    let stored = |orientation| rendered(&with_exif(&jpeg(&quarters(800, 400)), orientation)).placeholder;
    let aspect = |placeholder| thumb_hash_to_approximate_aspect_ratio(&hash(placeholder)).expect("it says");
    let (as_stored, turned) = (stored(1), stored(6));
    assert!((1.6..2.4).contains(&aspect(&as_stored)), "{}", aspect(&as_stored));
    assert!((0.4..0.6).contains(&aspect(&turned)), "{}", aspect(&turned));
    // A quarter turn clockwise brings the lower left corner to the upper left.
    let corner = DynamicImage::from(painted(&turned)).into_rgb8();
    assert_close(files::middles(&corner)[0], files::BLUE, 60);
}

#[test]
fn the_placeholder_is_made_of_the_colours_that_are_seen() {
    // Linear light, whose middle grey is far brighter in sRGB.
    let rows: Vec<u8> = std::iter::repeat_n([0, 55, 55, 55, 55], 4).flatten().collect();
    let png = Png::new(4, 4, 8, 0).chunk(b"gAMA", &100_000_u32.to_be_bytes()).rows(&rows);
    let variants = rendered(&png);
    let small = decoded(&variants.small).into_rgb8().get_pixel(0, 0).0;
    assert!(small[0] > 100, "{small:?}");
    let (red, green, blue, _) = thumb_hash_to_average_rgba(&hash(&variants.placeholder)).expect("it says");
    assert_close([red, green, blue].map(|channel| (channel * 255.0) as u8), small, 6);
}

#[test]
#[ignore = "a measurement"]
fn a_placeholder_takes_less_than_a_fifth_of_a_millisecond() {
    const ROUNDS: u32 = 2000;
    let noise = |x: u32, y: u32, alpha| Rgba([x as u8, y as u8, (x * y) as u8, alpha]);
    let (opaque, translucent, wide) = (
        DynamicImage::from(RgbaImage::from_fn(133, 100, |x, y| noise(x, y, 255))).into_rgb8().into(),
        RgbaImage::from_fn(133, 100, |x, y| noise(x, y, (x + y) as u8)).into(),
        DynamicImage::from(RgbaImage::from_fn(1600, 100, |x, y| noise(x, y, 255))).into_rgb8().into(),
    );
    for (what, small) in [("4:3", opaque), ("4:3 with alpha", translucent), ("16:1, the widest", wide)] {
        let mut resizer = Resizer::new();
        let begun = Instant::now();
        for _ in 0..ROUNDS {
            std::hint::black_box(placeholder::of(&small, &mut resizer)).expect("a placeholder");
        }
        let each = begun.elapsed() / ROUNDS;
        println!("{what}: {each:?} for a placeholder");
        assert!(each < Duration::from_micros(200), "{what}: {each:?}");
    }
}
