use super::*;
use fast_image_resize::FilterType;
use image::{GrayAlphaImage, GrayImage, ImageBuffer, Luma, LumaA, Rgb, RgbImage, Rgba, RgbaImage};

fn resized(source: &Scaled, width: u32, height: u32) -> DynamicImage {
    resize(source, Size { width, height }, &mut Resizer::new()).expect("it is resized")
}

/// Waves of many lengths, as a photograph has them.
fn waves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f32, y as f32);
        let wave = |length: f32, along: f32| (along / length).sin() * length.sqrt() * 4.0;
        let level = |shift: f32| {
            128.0 + wave(90.0, x + shift) + wave(31.0, y + shift) + wave(11.0, x + y) + wave(3.0, x - y)
        };
        Rgb([level(0.0) as u8, level(20.0) as u8, level(40.0) as u8])
    })
}

/// In decibels.
fn psnr(a: &[u8], b: &[u8]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(&a, &b)| f64::from(a.abs_diff(b)).powi(2)).sum();
    10.0 * (255.0 * 255.0 * a.len() as f64 / squares.max(f64::MIN_POSITIVE)).log10()
}

#[test]
fn shrinking_by_blocks_first_is_as_good_as_lanczos_in_one_step() {
    let whole = Scaled::whole(waves(2400, 1800).into());
    let size = Size { width: 400, height: 300 };
    let at_once = lanczos(&whole.pixels, whole.covered, size, &mut Resizer::new()).expect("it is resized");
    assert_ne!(Factors::between(Size { width: 2400, height: 1800 }, size), Factors::NONE);
    let decibels = psnr(resized(&whole, 400, 300).as_bytes(), at_once.as_bytes());
    assert!(decibels > 45.0, "{decibels} dB");
}

#[test]
fn the_filter_gives_the_pixels_of_the_resamplers_own() {
    for (source, size) in [((640, 480), (400, 300)), ((400, 300), (133, 100)), ((30, 20), (41, 57))] {
        let whole = Scaled::whole(waves(source.0, source.1).into());
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        let mut expected = DynamicImage::new_rgb8(size.0, size.1);
        Resizer::new().resize(&whole.pixels, &mut expected, &options).expect("it is resized");
        let seen = lanczos(
            &whole.pixels,
            whole.covered,
            Size { width: size.0, height: size.1 },
            &mut Resizer::new(),
        );
        let seen = seen.expect("it is resized");
        assert!(seen.as_bytes().iter().zip(expected.as_bytes()).all(|(a, b)| a.abs_diff(*b) <= 1));
    }
}

#[test]
fn an_image_that_covers_its_last_column_in_part_is_not_shifted() {
    // The second is shrunk by blocks before.
    for (width, covered) in [(40_u32, 37.5), (400, 371.5)] {
        let steepness = 240.0 / f64::from(width);
        let ramp = GrayImage::from_fn(width, width, |x, _| Luma([(f64::from(x) * steepness) as u8]));
        let source = Scaled { pixels: ramp.into(), covered: (covered, f64::from(width)) };
        let seen = resized(&source, 10, 10).into_luma8();
        for (x, y, pixel) in seen.enumerate_pixels().filter(|(x, ..)| (2..8).contains(x)) {
            let middle = (f64::from(x) + 0.5) * covered / 10.0 - 0.5;
            let expected = middle * steepness;
            assert!((f64::from(pixel[0]) - expected).abs() < 2.0, "{pixel:?} at {x}, {y}, not {expected}");
        }
    }
}

#[test]
fn invisible_pixels_lend_their_colour_to_nobody() {
    // Opaque grey beside transparent black, in a grid finer than what is left.
    let level = |x: u32, y: u32| if (x + y).is_multiple_of(2) { (180, 255) } else { (0, 0) };
    for (width, height) in [(60, 40), (600, 400)] {
        let grey = GrayAlphaImage::from_fn(width, height, |x, y| LumaA([level(x, y).0, level(x, y).1]));
        let colour = RgbaImage::from_fn(width, height, |x, y| {
            let (grey, alpha) = level(x, y);
            Rgba([grey, grey, grey, alpha])
        });
        for pixels in [DynamicImage::from(grey), colour.into()] {
            let seen = resized(&Scaled::whole(pixels), 15, 10).into_rgba8();
            for pixel in seen.pixels() {
                assert!(pixel[0].abs_diff(180) <= 1 && pixel[3].abs_diff(128) <= 2, "{pixel:?}");
            }
        }
    }
}

#[test]
fn sixteen_bits_stay_sixteen() {
    let fine = |x: u32| Rgb([(x * 40 + 3) as u16; 3]);
    let pixels = ImageBuffer::<Rgb<u16>, Vec<u16>>::from_fn(1600, 40, |x, _| fine(x));
    let seen = resized(&Scaled::whole(pixels.into()), 100, 10).into_rgb16();
    for (x, y, pixel) in seen.enumerate_pixels().filter(|(x, ..)| (5..95).contains(x)) {
        let middle = x * 640 + 303;
        assert!(u32::from(pixel[0]).abs_diff(middle) <= 2, "{pixel:?} at {x}, {y}, not {middle}");
    }
}

#[test]
fn an_image_that_has_its_size_already_is_left_alone() {
    let pixels = DynamicImage::from(GrayImage::from_fn(7, 5, |x, y| Luma([(x * y) as u8])));
    assert_eq!(resized(&Scaled::whole(pixels.clone()), 7, 5), pixels);
}

#[test]
fn only_an_image_of_twice_the_size_serves_another() {
    let size = |width, height| Size { width, height };
    assert!(serves(size(400, 300), size(133, 100)));
    assert!(serves(size(200, 200), size(100, 100)));
    assert!(!serves(size(199, 200), size(100, 100)));
    assert!(!serves(size(90, 60), size(90, 60)));
}
