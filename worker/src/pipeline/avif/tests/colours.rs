//! Tests that every way to store colours gives the same colours.

use super::*;
use image::ColorType;

#[test]
fn a_file_of_another_encoder_becomes_a_png() {
    let variants = rendered(QUARTERS);
    shows(&variants, (64, 48), ALL);
    assert!(variants.medium.bytes.starts_with(b"\x89PNG"));
    assert_eq!(decoded(&variants.medium).color(), ColorType::Rgb8);
}

#[test]
fn every_subsampling_and_depth_shows_the_same() {
    for data in [I420, I422, I444, EXACT, TEN, TWELVE] {
        shows(&rendered(&File(vec![image(data)]).bytes()), (64, 48), ALL);
    }
}

#[test]
fn the_range_is_that_of_the_data_unless_the_file_says_otherwise() {
    shows(&rendered(&File(vec![image(LIMITED)]).bytes()), (64, 48), ALL);
    shows(&rendered(&File(vec![image(LIMITED).coloured(1, 13, 6, false)]).bytes()), (64, 48), ALL);
    let brighter = rendered(&File(vec![image(I444).coloured(1, 13, 6, false)]).bytes());
    let [red, ..] = middles(&decoded(&brighter.medium).into_rgb8());
    assert_close(red, [238, 17, 17], 8);
}

#[test]
fn green_blue_and_red_may_be_written_as_such() {
    // The same numbers read so: Y is green, Cb is blue and Cr is red.
    let variants = rendered(&File(vec![image(EXACT).coloured(1, 13, 0, true)]).bytes());
    let ycbcr = |[r, g, b]: [u8; 3]| {
        let [r, g, b] = [r, g, b].map(f32::from);
        let y = 0.299 * r + 0.587 * g + 0.114 * b;
        [(r - y) / 1.402 + 128.0, y, (b - y) / 1.772 + 128.0].map(|value| value.round() as u8)
    };
    shows(&variants, (64, 48), ALL.map(ycbcr));
    // There would be no red and no blue for three of four pixels.
    let error = refused(&File(vec![image(I420).coloured(1, 13, 0, true)]).bytes(), &RenderLimits::default());
    assert_eq!(error.code(), "decode_failed");
}

#[test]
fn colours_in_whole_numbers_have_one_or_two_bits_fewer_than_their_samples() {
    for (matrix, added_bits) in [(16, 2), (17, 1)] {
        let variants = rendered(&File(vec![image(EXACT).coloured(1, 13, matrix, true)]).bytes());
        // The same numbers read so: Y is brightness, Cb is green and Cr is orange.
        let lifted = |[r, g, b]: [u8; 3]| {
            let [r, g, b] = [r, g, b].map(f32::from);
            let y = (0.299 * r + 0.587 * g + 0.114 * b).round();
            let green = ((b - y) / 1.772).round();
            let orange = ((r - y) / 1.402).round();
            let rest = y - (green / 2.0).floor();
            let blue = rest - (orange / 2.0).floor();
            let top = f32::from((1_u16 << (8 - added_bits)) - 1);
            [blue + orange, rest + green, blue].map(|value| (value / top * 255.0).clamp(0.0, 255.0) as u8)
        };
        // An error of one in a sample is one of several in a colour.
        for variant in [&variants.small, &variants.medium] {
            for (seen, colour) in middles(&decoded(variant).into_rgb8()).into_iter().zip(ALL) {
                assert_close(seen, lifted(colour), 10);
            }
        }
    }
}

#[test]
fn a_matrix_that_is_not_known_is_refused() {
    for matrix in [10, 14, 200] {
        let error =
            refused(&File(vec![image(I420).coloured(9, 16, matrix, true)]).bytes(), &RenderLimits::default());
        assert_eq!(error.code(), "unsupported_feature");
    }
}

#[test]
fn wider_primaries_are_brought_to_srgb_and_videos_curve_is_taken_for_its() {
    shows(&rendered(&File(vec![image(I444).coloured(1, 1, 6, true)]).bytes()), (64, 48), ALL);
    shows(&rendered(&File(vec![image(I444).coloured(2, 2, 2, true)]).bytes()), (64, 48), ALL);
    let variants = rendered(&File(vec![image(I444).coloured(12, 13, 6, true)]).bytes());
    let [_, green, ..] = middles(&decoded(&variants.medium).into_rgb8());
    // Display P3's green is out of sRGB's reach.
    assert!(green[0] == 0 && green[1] > 200, "{green:?}");
}

#[test]
fn grey_stays_grey_also_as_its_own_alpha() {
    let grey = decoded(&rendered(&File(vec![image(GREY)]).bytes()).medium);
    assert_eq!(grey.color(), ColorType::L8);
    let grey = grey.into_luma8();
    assert!(grey.get_pixel(0, 20).0[0] < 6 && grey.get_pixel(63, 20).0[0] > 249);
    let both = decoded(&rendered(&File(vec![image(GREY), image(GREY).alpha_of(1)]).bytes()).medium);
    assert_eq!(both.color(), ColorType::La8);
}

#[test]
fn grey_with_a_profile_of_rgb_stays_grey() {
    let profile = moxcms::ColorProfile::new_srgb().encode().expect("it is encoded");
    let colr = part(b"colr", &[b"prof", &profile[..]].concat());
    let seen = decoded(&rendered(&File(vec![image(GREY).with(colr)]).bytes()).medium).into_rgb8();
    assert!(seen.pixels().all(|pixel| pixel.0.iter().all(|level| level.abs_diff(pixel.0[0]) <= 1)));
    assert!(seen.get_pixel(0, 20).0[0] < 6 && seen.get_pixel(63, 20).0[0] > 249);
}

#[test]
fn alpha_is_kept_and_divided_out_of_colours_that_were_multiplied_with_it() {
    let straight = File(vec![image(EXACT), image(GREY).alpha_of(1)]);
    let image_of = |file: &File| decoded(&rendered(&file.bytes()).medium);
    let seen = image_of(&straight);
    assert_eq!(seen.color(), ColorType::Rgba8);
    let seen = seen.into_rgba8();
    let pixel = seen.get_pixel(48, 12).0;
    assert_close([pixel[0], pixel[1], pixel[2]], GREEN, 4);
    assert!(pixel[3].abs_diff(193) < 6, "{pixel:?}");
    assert!(seen.get_pixel(0, 0).0[3] < 6 && seen.get_pixel(63, 0).0[3] > 249);

    let multiplied = File(vec![image(EXACT).refers(b"prem", &[2]), image(GREY).alpha_of(1)]);
    let pixel = image_of(&multiplied).into_rgba8().get_pixel(48, 12).0;
    assert_close(
        [pixel[0], pixel[1], pixel[2]],
        GREEN.map(|level| (f32::from(level) * 255.0 / 193.0).min(255.0) as u8),
        8,
    );
}
