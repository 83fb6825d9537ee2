//! Tests of the codes that a file is written with.

use super::*;
use best::Best;
use image::{GrayImage, Luma, Rgb, RgbImage};

/// Waves, edges and noise, so that many symbols occur.
fn level(x: u32, y: u32, salt: u32) -> u8 {
    let noise = (x * 7919 + y * 104_729 + salt * 31).wrapping_mul(2_654_435_761) >> 27;
    let wave = ((x + salt) as f32 / 9.0).sin() * ((y * 2 + salt) as f32 / 23.0).cos() * 90.0 + 110.0;
    let edge = if (x / 40 + y / 24).is_multiple_of(3) { 0 } else { noise };
    (wave as u32 + edge).min(255) as u8
}

fn colours(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([level(x, y, 0), level(x, y, 50), level(y, x, 9)]))
}

/// The file as it is written, and as libjpeg-turbo writes it when it looks for the best codes itself.
fn both(pixels: &DynamicImage, quality: u8) -> [Vec<u8>; 2] {
    let size = (pixels.width(), pixels.height());
    let (colour, sampling) = match pixels {
        DynamicImage::ImageLuma8(_) => (Colour::Grey, Sampling::Grey),
        _ => (Colour::Rgb, Sampling::Quarter),
    };
    let settings = Settings { quality, sampling, best_codes: true };
    let theirs = turbo::encode(pixels.as_bytes(), size, colour, settings);
    [encode(pixels, quality).expect("it encodes"), theirs.expect("it encodes")]
}

#[test]
fn the_bytes_are_those_that_libjpeg_turbo_writes_in_more_time() {
    for (width, height) in [(1, 1), (8, 8), (17, 15), (133, 100), (400, 300), (401, 299), (33, 700)] {
        for quality in [1, 30, 85, 100] {
            let [ours, theirs] = both(&colours(width, height).into(), quality);
            assert!(ours == theirs, "{width} × {height} at quality {quality}");
            let grey = GrayImage::from_fn(width, height, |x, y| Luma([level(x, y, 3)]));
            let [ours, theirs] = both(&grey.into(), quality);
            assert!(ours == theirs, "grey, {width} × {height} at quality {quality}");
        }
    }
}

#[test]
fn an_image_of_one_colour_needs_few_symbols() {
    let [ours, theirs] = both(&RgbImage::from_pixel(200, 90, Rgb([200, 10, 60])).into(), 85);
    assert_eq!(ours, theirs);
}

#[test]
fn another_file_than_the_librarys_is_left_alone() {
    let file = encode(&colours(64, 64).into(), 85).expect("it encodes");
    assert_eq!(recode::with_best_codes(&file[..file.len() / 2], (64, 64), Sampling::Quarter), None);
    assert_eq!(recode::with_best_codes(&file, (640, 640), Sampling::Quarter), None);
    assert_eq!(recode::with_best_codes(b"no JPEG", (64, 64), Sampling::Quarter), None);
    assert_eq!(recode::with_best_codes(&[], (64, 64), Sampling::Grey), None);
}

#[test]
fn no_code_is_longer_than_a_file_may_have_or_consists_of_ones_alone() {
    // Each symbol occurs as often as all before it, which makes the longest codes.
    let frequencies: Vec<u32> =
        (0..256_u32).map(|symbol| if symbol < 28 { 1 << symbol } else { 0 }).collect();
    let best = Best::of(&frequencies);
    let longest = best.codes.iter().map(|&(_, length)| length).max();
    assert_eq!(longest, Some(16));
    let used: Vec<_> = best.codes.iter().filter(|&&(_, length)| length > 0).collect();
    assert_eq!(used.len(), 28);
    assert!(used.iter().all(|&&(code, length)| code < (1 << length) - 1), "{used:?}");
    // Kraft's inequality: no code begins with another.
    let share: f64 = used.iter().map(|&&(_, length)| 0.5_f64.powi(length as i32)).sum();
    assert!(share < 1.0, "{share}");
    let counted: usize = best.table[..16].iter().map(|&count| usize::from(count)).sum();
    assert_eq!((counted, best.table.len()), (28, 16 + 28));
}

#[test]
fn what_occurs_more_often_has_no_longer_code() {
    let mut frequencies = [0; 256];
    frequencies[..5].copy_from_slice(&[1000, 400, 30, 7, 1]);
    let lengths = Best::of(&frequencies).codes.map(|(_, length)| length);
    assert_eq!(lengths[..6], [1, 2, 3, 4, 5, 0]);
}
