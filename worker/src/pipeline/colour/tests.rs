//! Tests that convert known colours with known profiles.
//!
//! Expected values are computed here from published matrices and curves, never by the library under test.

use super::*;
use image::{ImageBuffer, Luma, LumaA, Rgb, Rgba};
use moxcms::{ColorProfile, ToneReprCurve};

type Matrix = [[f64; 3]; 3];

/// Linear Display P3 to linear sRGB, from the CSS Color 4 specification's matrices.
const P3_TO_SRGB: Matrix = [
    [1.224_940_176, -0.224_940_176, 0.0],
    [-0.042_056_955, 1.042_056_955, 0.0],
    [-0.019_637_555, -0.078_636_046, 1.098_273_600],
];
/// Linear Adobe RGB (1998) to linear sRGB.
const ADOBE_TO_SRGB: Matrix =
    [[1.398_283_2, -0.398_283_1, 0.0], [0.0, 1.0, 0.0], [0.0, -0.042_938_3, 1.042_938_3]];
/// Linear ProPhoto RGB to linear sRGB, both adapted to D50 and back.
const PROPHOTO_TO_SRGB: Matrix = [
    [2.034_387, -0.727_634, -0.306_753],
    [-0.228_770, 1.231_704, -0.002_935],
    [-0.008_569, -0.153_268, 1.161_837],
];
const IDENTITY: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

fn srgb_light(encoded: f64) -> f64 {
    if encoded <= 0.04045 { encoded / 12.92 } else { ((encoded + 0.055) / 1.055).powf(2.4) }
}

fn srgb_level(light: f64) -> u8 {
    let light = light.clamp(0.0, 1.0);
    let encoded = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (encoded * 255.0).round() as u8
}

fn expected(colour: [u8; 3], light: impl Fn(f64) -> f64, matrix: Matrix) -> [u8; 3] {
    let linear = colour.map(|level| light(f64::from(level) / 255.0));
    matrix.map(|row| srgb_level(row.iter().zip(linear).map(|(weight, light)| weight * light).sum()))
}

const COLOURS: [[u8; 3]; 7] =
    [[255, 0, 0], [200, 100, 50], [30, 200, 90], [128, 128, 128], [0, 0, 0], [255, 255, 255], [10, 20, 240]];

#[track_caller]
fn converts(profile: &Profile, light: impl Fn(f64) -> f64 + Copy, matrix: Matrix) {
    for colour in COLOURS {
        let expected = expected(colour, light, matrix);
        let eight = ImageBuffer::from_pixel(3, 2, Rgb(colour));
        let sixteen = ImageBuffer::from_pixel(3, 2, Rgb(colour.map(|level| u16::from(level) * 257)));
        let [red, green, blue] = colour;
        let with_alpha = ImageBuffer::from_pixel(3, 2, Rgba([red, green, blue, 77]));
        for pixels in [DynamicImage::from(eight), sixteen.into(), with_alpha.into()] {
            let alpha = pixels.color().has_alpha();
            let converted = to_srgb(pixels, profile);
            assert_eq!(converted.color().has_alpha(), alpha);
            let pixel = converted.to_rgba8().get_pixel(2, 1).0;
            for (seen, expected) in pixel.into_iter().zip(expected) {
                assert!(seen.abs_diff(expected) <= 1, "{colour:?}: {pixel:?} is not {expected:?}");
            }
            assert_eq!(pixel[3], if alpha { 77 } else { 255 });
        }
    }
}

fn icc(profile: &ColorProfile) -> Profile {
    Profile::Icc(profile.encode().expect("the profile can be written"))
}

#[test]
fn display_p3_becomes_srgb_and_what_is_outside_is_clipped() {
    let p3 = icc(&ColorProfile::new_display_p3());
    converts(&p3, srgb_light, P3_TO_SRGB);
    let red = to_srgb(ImageBuffer::from_pixel(1, 1, Rgb([255_u8, 0, 0])).into(), &p3);
    assert_eq!(red.into_rgb8().get_pixel(0, 0).0, [255, 0, 0]);
}

#[test]
fn adobe_rgb_becomes_srgb() {
    let gamma = |encoded: f64| encoded.powf(563.0 / 256.0);
    converts(&icc(&ColorProfile::new_adobe_rgb()), gamma, ADOBE_TO_SRGB);
}

#[test]
fn prophoto_becomes_srgb() {
    let light = |encoded: f64| if encoded < 16.0 / 512.0 { encoded / 16.0 } else { encoded.powf(1.8) };
    converts(&icc(&ColorProfile::new_pro_photo_rgb()), light, PROPHOTO_TO_SRGB);
}

#[test]
fn a_profile_that_is_srgb_changes_no_pixel() {
    let every_level = ImageBuffer::from_fn(256, 3, |x, y| {
        let x = x as u8;
        Rgb(if y == 0 { [x, 255 - x, x / 2] } else { [x; 3] })
    });
    let parametric = ColorProfile::new_srgb();
    let mut table = ColorProfile::new_srgb();
    // As most cameras have it: 1024 entries.
    let entries = (0..1024).map(|entry| (srgb_light(f64::from(entry) / 1023.0) * 65_535.0).round() as u16);
    let curve = Some(ToneReprCurve::Lut(entries.collect()));
    (table.red_trc, table.green_trc, table.blue_trc) = (curve.clone(), curve.clone(), curve);
    for profile in [parametric, table] {
        assert!(icc::is_srgb(&profile), "it costs no conversion");
        let converted = to_srgb(every_level.clone().into(), &icc(&profile));
        assert_eq!(converted.into_rgb8(), every_level);
    }
    for profile in [ColorProfile::new_display_p3(), ColorProfile::new_adobe_rgb()] {
        assert!(!icc::is_srgb(&profile));
    }
}

#[test]
fn a_grey_profile_converts_grey_which_stays_grey() {
    let linear = icc(&ColorProfile::new_gray_with_gamma(1.0));
    for level in [0_u8, 1, 55, 128, 255] {
        let light = f64::from(level) / 255.0;
        let grey = to_srgb(ImageBuffer::from_pixel(2, 2, Luma([level])).into(), &linear);
        assert_eq!(grey.color(), image::ColorType::L8);
        assert!(grey.into_luma8().get_pixel(1, 1)[0].abs_diff(srgb_level(light)) <= 1);

        let with_alpha = to_srgb(ImageBuffer::from_pixel(2, 2, LumaA([level, 9])).into(), &linear);
        assert_eq!(with_alpha.color(), image::ColorType::La8);
        let pixel = with_alpha.into_luma_alpha8().get_pixel(0, 1).0;
        assert!(pixel[0].abs_diff(srgb_level(light)) <= 1);
        assert_eq!(pixel[1], 9);
    }
    let deep = ImageBuffer::from_pixel(2, 2, Luma([300_u16]));
    let converted = to_srgb(deep.into(), &linear).into_luma8().get_pixel(0, 0)[0];
    assert!(converted.abs_diff(srgb_level(300.0 / 65_535.0)) <= 1, "{converted}");
}

#[test]
fn a_profile_of_another_kind_or_a_broken_one_counts_as_srgb() {
    let pixels = DynamicImage::from(ImageBuffer::from_pixel(2, 2, Rgb([200_u8, 100, 50])));
    let Profile::Icc(p3) = icc(&ColorProfile::new_display_p3()) else { unreachable!() };
    let mut cmyk = p3.clone();
    cmyk[16..20].copy_from_slice(b"CMYK");
    let Profile::Icc(grey) = icc(&ColorProfile::new_gray_with_gamma(1.0)) else { unreachable!() };
    let link = {
        let mut link = p3.clone();
        link[12..16].copy_from_slice(b"link");
        link
    };
    let broken = [cmyk, grey, link, p3[..100].to_vec(), Vec::new(), vec![0xff; 4000]];
    for profile in broken {
        assert_eq!(to_srgb(pixels.clone(), &Profile::Icc(profile)), pixels);
    }
    let grey = DynamicImage::from(ImageBuffer::from_pixel(2, 2, Luma([77_u8])));
    assert_eq!(to_srgb(grey.clone(), &Profile::Icc(p3)), grey);
}

#[test]
fn no_damaged_profile_panics() {
    let profiles = [ColorProfile::new_display_p3(), ColorProfile::new_bt2020_pq(), ColorProfile::new_lab()];
    let pixels = DynamicImage::from(ImageBuffer::from_pixel(2, 2, Rgb([200_u8, 100, 50])));
    for profile in profiles {
        let whole = profile.encode().expect("the profile can be written");
        for position in 0..whole.len().min(1000) {
            for value in [0, 1, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[position] = value;
                let converted = to_srgb(pixels.clone(), &Profile::Icc(damaged));
                assert_eq!((converted.width(), converted.height()), (2, 2));
            }
        }
    }
}

#[test]
fn the_gamma_and_chromaticities_of_a_png_are_respected() {
    let linear = Profile::PngGamma { gamma: 1.0, chromaticities: None };
    converts(&linear, |encoded| encoded, IDENTITY);
    let p3 = Chromaticities {
        white: (0.3127, 0.329),
        red: (0.68, 0.32),
        green: (0.265, 0.69),
        blue: (0.15, 0.06),
    };
    let gamma = |encoded: f64| encoded.powf(1.8);
    converts(&Profile::PngGamma { gamma: 1.0 / 1.8, chromaticities: Some(p3) }, gamma, P3_TO_SRGB);
    // The values that programs write for sRGB mean sRGB, and not an exponent of 2.2.
    converts(&Profile::PngGamma { gamma: 0.454_55, chromaticities: None }, srgb_light, IDENTITY);

    let grey = to_srgb(ImageBuffer::from_pixel(1, 1, Luma([64_u8])).into(), &linear).into_luma8();
    assert!(grey.get_pixel(0, 0)[0].abs_diff(srgb_level(64.0 / 255.0)) <= 1);
}

#[test]
fn impossible_gamma_and_chromaticities_count_as_srgb() {
    for gamma in [0.0, 42_949.67, f32::NAN] {
        converts(&Profile::PngGamma { gamma, chromaticities: None }, srgb_light, IDENTITY);
    }
    let nowhere = Chromaticities { white: (0.0, 0.0), red: (0.0, 0.0), green: (0.0, 0.0), blue: (0.0, 0.0) };
    converts(&Profile::PngGamma { gamma: 1.0, chromaticities: Some(nowhere) }, |encoded| encoded, IDENTITY);
}

#[test]
fn code_points_of_video_are_respected() {
    converts(&Profile::Cicp { primaries: 1, transfer: 13 }, srgb_light, IDENTITY);
    converts(&Profile::Cicp { primaries: 12, transfer: 13 }, srgb_light, P3_TO_SRGB);
    converts(&Profile::Cicp { primaries: 1, transfer: 8 }, |encoded| encoded, IDENTITY);
    // Not known: as if nothing were said.
    converts(&Profile::Cicp { primaries: 200, transfer: 13 }, srgb_light, IDENTITY);
    converts(&Profile::Cicp { primaries: 1, transfer: 2 }, srgb_light, IDENTITY);
}

#[test]
fn the_diffuse_white_of_high_dynamic_range_is_nearly_white() {
    // 203 cd/m² in PQ, and its place in HLG: 58 % and 75 % of the signal.
    for (transfer, white) in [(16, 148), (18, 191)] {
        let profile = Profile::Cicp { primaries: 9, transfer };
        let level = |level: u8| {
            to_srgb(ImageBuffer::from_pixel(1, 1, Rgb([level; 3])).into(), &profile)
                .into_rgb8()
                .get_pixel(0, 0)[0]
        };
        assert!((235..=254).contains(&level(white)), "{}", level(white));
        assert_eq!((level(0), level(255)), (0, 255));
        assert!(level(white / 2) > 40 && level(white / 2) < 160, "{}", level(white / 2));
    }
}

#[test]
fn inks_without_a_profile_are_ideal() {
    let inks = [
        ([0, 0, 0, 0], [255, 255, 255]),
        ([255, 0, 0, 0], [0, 255, 255]),
        ([0, 255, 0, 0], [255, 0, 255]),
        ([0, 0, 255, 0], [255, 255, 0]),
        ([0, 0, 0, 255], [0, 0, 0]),
        // 255 − 51 = 204 of 255, and so often again: 163.2.
        ([51, 0, 102, 51], [163, 204, 122]),
    ];
    for (inks, expected) in inks {
        let inks: [u8; 4] = inks;
        let image = ImageBuffer::from_pixel(2, 1, Rgba(inks));
        for profile in [None, Some(b"no profile".as_slice())] {
            assert_eq!(cmyk_to_srgb(&image, profile).get_pixel(1, 0).0, expected);
        }
    }
}
