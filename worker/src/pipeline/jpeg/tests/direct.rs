//! Tests that compare the project's own decoder with libjpeg-turbo, and with the definition of what it computes.

use super::{
    super::{direct, scale::Scale},
    trimming::{SAMPLINGS, scaled, scripts},
    writer::{Block, Picture, Scan, segment},
    *,
};
use image::{DynamicImage, RgbImage, imageops::FilterType};
use resizinator_formats::jpeg::marker;

/// The scale of so many eighths for `opened`, if there is a height that chooses it.
pub(super) fn eighths(opened: &Opened<'_>, eighths: u8) -> Option<Scale> {
    let height = opened.jpeg.frame.height.min(opened.jpeg.frame.width);
    let scales = [1, height / 6, height / 3].map(|wanted| Scale::choose(opened, wanted.max(1)));
    scales.into_iter().find(|scale| scale.eighths() == eighths)
}

fn directly(file: &[u8], eighth: u8) -> Option<Vec<u8>> {
    let opened = open(file).expect("the header is readable");
    direct::decode(&opened, eighths(&opened, eighth).expect("the scale is chosen"))
}

#[track_caller]
pub(super) fn same_as_libjpeg_turbos(file: &[u8], what: &str) {
    let opened = open(file).expect("the header is readable");
    let Some(scale) = eighths(&opened, 1) else { panic!("{what} has no eighth") };
    assert!(direct::is_exact(&opened.jpeg.frame, scale), "{what} is not exact");
    let expected = scaled(file, &opened, scale);
    assert_eq!(expected.problem, None, "{what}");
    let samples = direct::decode(&opened, scale).unwrap_or_else(|| panic!("{what} is not decoded"));
    assert!(samples == expected.samples, "{what}: other pixels than libjpeg-turbo's");
}

const SIZES: [(usize, usize); 4] = [(200, 120), (203, 117), (97, 300), (1600, 89)];

#[test]
fn means_are_libjpeg_turbos_pixels_in_colour_and_in_grey() {
    let adobe = segment(marker::APP14, b"Adobe\0\x64\0\0\0\0\0");
    for size in SIZES {
        for restart in [0, 1, 7] {
            for quantiser in [1, 8, 77, 512] {
                let what = format!("{size:?}, restart {restart}, quantiser {quantiser}");
                let mut colour = Picture::noise(size, &[(1, 1); 3]);
                let mut grey = Picture::noise(size, &[(2, 2)]);
                for picture in [&mut colour, &mut grey] {
                    (picture.restart, picture.quantiser) = (restart, quantiser);
                }
                same_as_libjpeg_turbos(&colour.sequential(), &what);
                same_as_libjpeg_turbos(&grey.sequential(), &format!("grey, {what}"));
                let all: Scan<'_> = (&[0, 1, 2], 0..=63, 0, 0);
                let rgb = colour.file(0xC1, std::slice::from_ref(&all), &adobe);
                same_as_libjpeg_turbos(&rgb, &format!("RGB, {what}"));
                assert!(size.0 > 1000 || directly(&rgb, 1) != directly(&colour.sequential(), 1));
            }
        }
    }
}

/// With codes of all lengths, and blocks full of coefficients and empty ones.
fn photograph() -> RgbImage {
    RgbImage::from_fn(640, 480, |x, y| {
        let noise = ((x * 7919) ^ (y * 104_729)).wrapping_mul(2_654_435_761) >> 24;
        let strength = x / 4;
        image::Rgb([(noise * strength / 160) as u8, (x / 3) as u8, (y / 2) as u8])
    })
}

#[test]
fn means_are_libjpeg_turbos_pixels_at_every_quality() {
    let grey = DynamicImage::from(photograph()).into_luma8().into();
    for quality in (1..=100).step_by(3) {
        let file = encode(&grey, quality).expect("it is encoded");
        same_as_libjpeg_turbos(&file, &format!("quality {quality}"));
    }
}

#[test]
fn means_of_a_progressive_file_are_libjpeg_turbos_pixels() {
    let one_pixel_a_block =
        SAMPLINGS.iter().filter(|(name, _)| ["4:4:4", "4:2:2", "4:4:0", "4:1:1"].contains(name));
    for (sampling, factors) in one_pixel_a_block {
        for (script_name, script) in scripts() {
            for size in SIZES {
                for restart in [0, 7] {
                    let mut picture = Picture::noise(size, factors);
                    picture.restart = restart;
                    let what = format!("{sampling}, {script_name}, {size:?}, restart {restart}");
                    same_as_libjpeg_turbos(&picture.progressive(&script), &what);
                }
            }
        }
    }
    let grey: [Scan<'_>; 4] =
        [(&[0], 0..=0, 0, 1), (&[0], 1..=63, 0, 1), (&[0], 0..=0, 1, 0), (&[0], 1..=63, 1, 0)];
    same_as_libjpeg_turbos(&Picture::noise((203, 117), &[(2, 2)]).progressive(&grey), "grey");
}

/// The numbers along and down of the first ten coefficients in zigzag order (T.81, figure 5).
const ZIGZAG: [(usize, usize); 10] =
    [(0, 0), (1, 0), (0, 1), (0, 2), (1, 1), (2, 0), (3, 0), (2, 1), (1, 2), (0, 3)];

/// Sample `x`, `y` of the `along × down` that a block becomes, by the definition of the inverse DCT.
fn sample(block: &Block, step: i32, (along, down): (usize, usize), (x, y): (usize, usize)) -> f64 {
    let wave = |number: usize, at: usize, points: usize| {
        let scale = if number == 0 { 1.0 } else { std::f64::consts::SQRT_2 };
        let angle = (2 * at + 1) as f64 * number as f64 * std::f64::consts::PI / (2 * points) as f64;
        scale * angle.cos()
    };
    let seen = ZIGZAG.iter().zip(block).filter(|&(&(u, v), _)| u < along && v < down);
    let sum = seen.map(|(&(u, v), &value)| f64::from(value * step) * wave(u, x, along) * wave(v, y, down));
    (sum.sum::<f64>() / 8.0 + 128.0).round().clamp(0.0, 255.0)
}

/// The pixels at `eighths` by definition: each component in as many points as it can have, up to four.
fn by_definition(picture: &Picture, eighths: usize) -> Vec<[f64; 3]> {
    let most = |factor: fn(&writer::Component) -> usize| picture.components.iter().map(factor).max();
    let (most_h, most_v) = (most(|it| it.h).expect("one"), most(|it| it.v).expect("one"));
    let of = |side: usize| (side * eighths).div_ceil(8);
    let pixel = |x: usize, y: usize| {
        let levels: Vec<f64> = picture
            .components
            .iter()
            .map(|component| {
                let (pixels_h, pixels_v) = (most_h * eighths / component.h, most_v * eighths / component.v);
                let (along, down) = (pixels_h.min(4), pixels_v.min(4));
                let (x, y) = (x * along / pixels_h, y * down / pixels_v);
                let row = picture.width.div_ceil(8 * most_h) * component.h;
                let block = &component.blocks[y / down * row + x / along];
                sample(block, picture.quantiser.into(), (along, down), (x % along, y % down))
            })
            .collect();
        let [y, cb, cr] = levels[..] else { return [levels[0]; 3] };
        let (cb, cr) = (cb - 128.0, cr - 128.0);
        [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb]
            .map(|level| level.clamp(0.0, 255.0))
    };
    (0..of(picture.height))
        .flat_map(|y| (0..of(picture.width)).map(move |x| (x, y)))
        .map(|(x, y)| pixel(x, y))
        .collect()
}

#[test]
fn pixels_are_the_inverse_dct_of_the_lowest_coefficients_in_every_sampling() {
    let grey = ("grey", vec![(1, 1)]);
    let samplings = SAMPLINGS.map(|(name, factors)| (name, factors.to_vec()));
    for (sampling, factors) in samplings.into_iter().chain([grey]) {
        for size in SIZES {
            for restart in [0, 1, 7] {
                let mut picture = Picture::noise(size, &factors);
                picture.restart = restart;
                let file = picture.sequential();
                let opened = open(&file).expect("the header is readable");
                for eighth in [1, 2] {
                    let Some(scale) = eighths(&opened, eighth) else { continue };
                    let what = format!("{sampling}, {size:?}, restart {restart}, {eighth} / 8");
                    let samples = direct::decode(&opened, scale);
                    let samples = samples.unwrap_or_else(|| panic!("{what} is not decoded"));
                    let expected = by_definition(&picture, eighth.into());
                    let channels = if factors.len() == 1 { 1 } else { 3 };
                    assert_eq!(samples.len(), expected.len() * channels, "{what}");
                    for (seen, expected) in samples.chunks_exact(channels).zip(expected) {
                        let off = seen.iter().zip(expected).map(|(&a, b)| (f64::from(a) - b).abs());
                        assert!(off.fold(0.0, f64::max) < 3.0, "{what}: {seen:?} instead of {expected:?}");
                    }
                }
            }
        }
    }
}

/// In decibels.
fn psnr(a: &RgbImage, b: &RgbImage) -> f64 {
    let squares: f64 = a.iter().zip(b.iter()).map(|(&a, &b)| f64::from(a.abs_diff(b)).powi(2)).sum();
    10.0 * (255.0 * 255.0 * a.len() as f64 / squares.max(f64::MIN_POSITIVE)).log10()
}

#[test]
fn a_fraction_is_as_near_to_the_whole_picture_as_libjpeg_turbos() {
    let waves = RgbImage::from_fn(1600, 1200, |x, y| {
        let wave = |length: f32, at: f32| (at / length).sin() * length.sqrt() * 4.0;
        let (x, y) = (x as f32, y as f32);
        let level = |shift: f32| {
            128.0 + wave(90.0, x + shift) + wave(31.0, y + shift) + wave(11.0, x + y) + wave(5.0, x - y)
        };
        image::Rgb([level(0.0), level(20.0), level(40.0)].map(|level| level as u8))
    });
    let file = encode(&waves.into(), 90).expect("it is encoded");
    let opened = open(&file).expect("the header is readable");
    for (eighth, height) in [(1, 120), (2, 150)] {
        let small =
            |pixels: RgbImage| image::imageops::resize(&pixels, height * 4 / 3, height, FilterType::Lanczos3);
        let image = |samples, scale: Scale| {
            let (width, height) = (scale.of(opened.jpeg.frame.width), scale.of(opened.jpeg.frame.height));
            small(RgbImage::from_raw(width, height, samples).expect("all samples"))
        };
        let scale = eighths(&opened, eighth).expect("the scale is chosen");
        let whole = image(scaled(&file, &opened, Scale::FULL).samples, Scale::FULL);
        let theirs = psnr(&image(scaled(&file, &opened, scale).samples, scale), &whole);
        let ours = psnr(&image(directly(&file, eighth).expect("it is decoded"), scale), &whole);
        assert!(ours > 38.0 && ours > theirs - 0.2, "{ours} and {theirs} dB at {eighth} / 8");
    }
}

#[test]
fn a_file_that_is_not_in_perfect_order_is_left_to_libjpeg_turbo() {
    let file = encode(&photograph().into(), 97).expect("it is encoded");
    let data = start_of_data(&file);
    let end = file.len() - 2;
    for eighth in [1, 2] {
        let whole = directly(&file, eighth).expect("it is decoded");
        assert_eq!(directly(&[&file[..], b"junk"].concat(), eighth), Some(whole), "junk after the end");
        assert_eq!(
            directly(&[&file[..end], b"junk", &file[end..]].concat(), eighth),
            None,
            "junk before the end"
        );
        assert_eq!(directly(&[&file[..2], b"junk", &file[2..]].concat(), eighth), None, "junk at the start");
        for length in (data..=end + 1).step_by(997).chain([end, end + 1]) {
            assert_eq!(directly(&file[..length], eighth), None, "cut off at {length}");
        }
        let mut unannounced = file.clone();
        unannounced.splice(end - 50..end - 50, [0xFF, 0xD0]);
        assert_eq!(directly(&unannounced, eighth), None, "a restart marker that was not announced");
    }
}

#[test]
fn what_is_rare_is_left_to_libjpeg_turbo() {
    let picture = Picture::noise((203, 117), &[(1, 1); 3]);
    let one_by_one: [Scan<'_>; 3] = [(&[0], 0..=63, 0, 0), (&[1], 0..=63, 0, 0), (&[2], 0..=63, 0, 0)];
    assert_eq!(directly(&picture.file(0xC0, &one_by_one, &[]), 1), None, "a scan for each component");
    assert_eq!(directly(&Picture::noise((203, 117), &[(1, 1); 4]).sequential(), 1), None, "CMYK");
    let transform_7 = segment(marker::APP14, b"Adobe\0\x64\0\0\0\0\x07");
    let all: Scan<'_> = (&[0, 1, 2], 0..=63, 0, 0);
    assert_eq!(directly(&picture.file(0xC0, &[all], &transform_7), 1), None, "an unknown transform");
    let halves = Picture::noise((203, 117), &[(3, 1), (2, 1), (1, 1)]);
    assert_eq!(directly(&halves.sequential(), 1), None, "a pixel and a half a block");

    let mut never_finished = scripts().swap_remove(0).1;
    never_finished.pop();
    assert_eq!(directly(&picture.progressive(&never_finished), 1), None, "coefficients that nobody knows");
}

#[test]
fn after_a_flip_of_a_bit_the_pixels_are_libjpeg_turbos_or_none() {
    let picture = Picture::noise((104, 96), &[(1, 1); 3]);
    for file in [picture.sequential(), picture.usual_progressive()] {
        let mut decoded = 0;
        let data = start_of_data(&file) * 8;
        for bit in (0..data).chain((data..file.len() * 8).step_by(11)) {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let Ok(opened) = open(&flipped) else { continue };
            let Some(scale) = eighths(&opened, 1) else { continue };
            if opened.jpeg.frame.width * opened.jpeg.frame.height > 1 << 15
                || !direct::is_exact(&opened.jpeg.frame, scale)
            {
                continue;
            }
            if let Some(samples) = direct::decode(&opened, scale) {
                let expected = scaled(&flipped, &opened, scale);
                // Of scans that are not looked at, it does not see the damage.
                let same = expected.problem.is_some() || samples == expected.samples;
                assert!(same, "bit {bit} makes other pixels than libjpeg-turbo's");
                decoded += 1;
            }
        }
        assert!(decoded > 100, "{decoded} were decoded");
    }
}
