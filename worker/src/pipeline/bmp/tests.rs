use super::*;
use image::{Rgb, RgbImage, Rgba, RgbaImage};

#[test]
fn an_image_of_which_nothing_would_be_seen_is_opaque() {
    let red = |alpha| Rgba([200, 0, 0, alpha]);
    let mut pixels = RgbaImage::from_pixel(3, 2, red(0));
    let seen = visible(pixels.clone().into());
    assert_eq!(seen, RgbImage::from_pixel(3, 2, Rgb([200, 0, 0])).into());
    pixels.put_pixel(1, 1, red(9));
    assert_eq!(visible(pixels.clone().into()), pixels.into());
}

const RED: [u8; 3] = [200, 10, 20];
const BLUE: [u8; 3] = [30, 40, 210];

/// An image of 4 × 3 pixels whose palette is red and blue.
fn run_length_coded(bits: u16, codes: &[u8]) -> Vec<u8> {
    let mut file = b"BM".to_vec();
    let (palette, compression) = (2u32, if bits == 8 { 1u32 } else { 2 });
    let pixels_at = 14 + 40 + 4 * palette;
    let whole = pixels_at + codes.len() as u32;
    for value in [whole, 0, pixels_at, 40, 4, 3] {
        file.extend(value.to_le_bytes());
    }
    file.extend(1u16.to_le_bytes());
    file.extend(bits.to_le_bytes());
    for value in [compression, codes.len() as u32, 0, 0, palette, 0] {
        file.extend(value.to_le_bytes());
    }
    for [red, green, blue] in [RED, BLUE] {
        file.extend([blue, green, red, 0]);
    }
    file.extend(codes);
    file
}

#[test]
fn runs_have_the_colours_of_the_palette() {
    // A row of red, one of blue, and one of each in turns; from the bottom.
    let of_bytes: &[u8] = &[4, 0, 0, 0, 4, 1, 0, 0, 0, 4, 0, 1, 0, 1, 0, 0, 0, 1];
    let of_nibbles: &[u8] = &[4, 0x00, 0, 0, 4, 0x11, 0, 0, 4, 0x01, 0, 0, 0, 1];
    for (bits, codes) in [(8, of_bytes), (4, of_nibbles)] {
        let (pixels, _) = decode(&run_length_coded(bits, codes), &RenderLimits::default()).unwrap();
        let expected = RgbImage::from_fn(4, 3, |x, y| match (x, y) {
            (_, 2) => Rgb(RED),
            (_, 1) => Rgb(BLUE),
            (x, _) => Rgb([RED, BLUE][x as usize % 2]),
        });
        assert_eq!(pixels, expected.into(), "{bits} bits");
    }
}

#[test]
fn what_the_runs_step_over_is_transparent() {
    // One red pixel and the row's end; a delta of two to the right and one up, and one blue pixel; all's end.
    for (bits, blue) in [(8, 1), (4, 0x11)] {
        let codes = [1, 0, 0, 0, 0, 2, 2, 1, 1, blue, 0, 1];
        let (pixels, _) = decode(&run_length_coded(bits, &codes), &RenderLimits::default()).unwrap();
        let expected = RgbaImage::from_fn(4, 3, |x, y| match (x, y) {
            (0, 2) => Rgba([RED[0], RED[1], RED[2], 255]),
            (2, 0) => Rgba([BLUE[0], BLUE[1], BLUE[2], 255]),
            _ => Rgba([0; 4]),
        });
        assert_eq!(pixels, expected.into(), "{bits} bits");
    }
}

#[test]
fn a_number_beyond_the_palette_is_black() {
    let rows = [4, 9, 0, 0, 4, 9, 0, 0, 4, 9, 0, 1];
    let (pixels, _) = decode(&run_length_coded(8, &rows), &RenderLimits::default()).unwrap();
    assert_eq!(pixels, RgbImage::new(4, 3).into());
}

#[test]
fn a_run_length_coded_file_cut_off_anywhere_ends_too_early() {
    let whole = run_length_coded(8, &[4, 0, 0, 0, 4, 1, 0, 0, 4, 0, 0, 1]);
    for length in 2..whole.len() {
        let failed = decode(&whole[..length], &RenderLimits::default()).unwrap_err();
        assert!(matches!(failed, RenderError::CutShort { .. }), "{length}: {failed}");
    }
}

#[test]
fn an_embedded_profile_says_what_the_pixels_mean() {
    let mut file = b"BM".to_vec();
    let headers = 14 + 124;
    for value in [0, 0, headers + 4 + 7, 124, 1_u32, 1] {
        file.extend(value.to_le_bytes());
    }
    file.extend([1, 0, 24, 0]);
    file.resize(headers as usize, 0);
    file.extend(b"profile\0\0\0\0");
    file.extend([1, 2, 3, 0]);
    let mut write = |offset: usize, value: u32| {
        file[14 + offset..][..4].copy_from_slice(&value.to_le_bytes());
    };
    write(56, u32::from_be_bytes(*b"MBED"));
    write(112, 124);
    write(116, 7);
    let (pixels, profile) = decode(&file, &RenderLimits::default()).unwrap();
    assert_eq!(pixels, RgbImage::from_pixel(1, 1, Rgb([3, 2, 1])).into());
    assert_eq!(profile, Profile::Icc(b"profile".to_vec()));
    // A path to a profile on some other machine.
    file[14 + 56..][..4].copy_from_slice(b"KNIL");
    let (_, profile) = decode(&file, &RenderLimits::default()).unwrap();
    assert_eq!(profile, Profile::Srgb);
}
