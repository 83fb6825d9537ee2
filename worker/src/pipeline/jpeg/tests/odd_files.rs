//! Tests of unusual files that cameras and programs write.

use super::{
    super::{opened::Colour, scale::Scale, turbo},
    writer::{Picture, Scan, segment},
    *,
};
use image::metadata::Orientation;

const YCC_RED: [u8; 3] = [76, 85, 255];
const YCC_GREEN: [u8; 3] = [150, 44, 21];
const YCC_BLUE: [u8; 3] = [29, 255, 107];
const YCC_WHITE: [u8; 3] = [255, 128, 128];

/// A quarter of the picture each: red, green, blue, white.
fn quarters(samplings: &[(usize, usize)]) -> Picture {
    Picture::flat((256, 192), samplings, |component, x, y| {
        let colour = match (x < 0.5, y < 0.5) {
            (true, true) => YCC_RED,
            (false, true) => YCC_GREEN,
            (true, false) => YCC_BLUE,
            (false, false) => YCC_WHITE,
        };
        colour[component]
    })
}

/// Fails unless the middles of the quarters are red, green, blue and white.
#[track_caller]
fn assert_quarters(file: &[u8], what: &str) {
    for (wanted, height) in [(1, 24), (30, 48), (60, 96), (192, 192)] {
        let scaled = decoded(file, wanted).unwrap_or_else(|error| panic!("{what}: {error:?}"));
        let Pixels::Rgb(pixels) = scaled.pixels else { panic!("{what} is not in colour") };
        assert_eq!((pixels.width(), pixels.height()), (height * 4 / 3, height));
        let (w, h) = pixels.dimensions();
        let seen = [(w / 4, h / 4), (w * 3 / 4, h / 4), (w / 4, h * 3 / 4), (w * 3 / 4, h * 3 / 4)]
            .map(|(x, y)| pixels.get_pixel(x, y).0);
        for (seen, expected) in seen.into_iter().zip([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255; 3]]) {
            let off = seen.iter().zip(expected).map(|(&a, b): (&u8, u8)| a.abs_diff(b)).max();
            assert!(off <= Some(3), "{what}: {seen:?} instead of {expected:?} at {height} rows");
        }
    }
}

const PLAIN: [(usize, usize); 3] = [(1, 1), (1, 1), (1, 1)];

#[test]
fn every_sampling_has_its_colours_in_place() {
    let samplings =
        [("4:4:4", (1, 1)), ("4:2:2", (2, 1)), ("4:2:0", (2, 2)), ("4:4:0", (1, 2)), ("4:1:1", (4, 1))];
    for (name, luma) in samplings {
        let picture = quarters(&[luma, (1, 1), (1, 1)]);
        assert_quarters(&picture.sequential(), name);
        assert_quarters(&picture.usual_progressive(), &format!("{name}, progressive"));
    }
}

#[test]
fn scans_of_one_component_each_make_one_image() {
    let script: [Scan<'_>; 3] = [(&[0], 0..=63, 0, 0), (&[1], 0..=63, 0, 0), (&[2], 0..=63, 0, 0)];
    assert_quarters(&quarters(&[(2, 2), (1, 1), (1, 1)]).file(0xC0, &script, &[]), "not interleaved");
}

#[test]
fn quantisation_tables_may_have_16_bits() {
    let mut picture = quarters(&PLAIN);
    picture.quantiser = 512;
    for block in picture.components.iter_mut().flat_map(|component| &mut component.blocks) {
        block[0] = if block[0] > 0 { 1 } else { -1 };
    }
    let Pixels::Rgb(pixels) = decoded(&picture.sequential(), 192).expect("it decodes").pixels else {
        panic!("not in colour")
    };
    // Luma and chroma are 128 ± 512 / 8: of the red quarter 64, 64 and 192.
    assert_eq!(pixels.get_pixel(64, 48).0, [154, 40, 0]);
}

#[test]
fn restart_markers_change_nothing() {
    let mut picture = quarters(&[(2, 2), (1, 1), (1, 1)]);
    picture.restart = 5;
    assert_quarters(&picture.sequential(), "restarts");
    assert_quarters(&picture.usual_progressive(), "restarts, progressive");
}

#[test]
fn grey_is_one_channel() {
    let file = Picture::flat((64, 64), &[(1, 1)], |_, x, _| if x < 0.5 { 30 } else { 220 }).sequential();
    let Pixels::Grey(pixels) = decoded(&file, 64).expect("it decodes").pixels else { panic!("not grey") };
    assert_eq!((pixels.get_pixel(10, 30).0, pixels.get_pixel(50, 30).0), ([30], [220]));
}

fn adobe(transform: u8) -> Vec<u8> {
    segment(0xEE, &[b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat())
}

fn inks(file: &[u8]) -> [u8; 4] {
    let Pixels::Cmyk(pixels) = decoded(file, 64).expect("it decodes").pixels else { panic!("not CMYK") };
    pixels.get_pixel(30, 30).0
}

#[test]
fn inks_are_amounts_of_ink_with_and_without_adobes_inversion() {
    let all: Scan<'_> = (&[0, 1, 2, 3], 0..=63, 0, 0);
    let picture = Picture::flat((64, 64), &[(1, 1); 4], |component, _, _| [10, 60, 110, 200][component]);
    assert_eq!(inks(&picture.file(0xC0, std::slice::from_ref(&all), &[])), [10, 60, 110, 200]);
    let inverted = picture.file(0xC0, std::slice::from_ref(&all), &adobe(0));
    assert_eq!(inks(&inverted), [245, 195, 145, 55]);
    let opened = open(&inverted).expect("the header is readable");
    assert_eq!(opened.colour, Colour::Cmyk { inverted: true });

    // YCCK holds 255 - red, and so on, as luma and chroma: here red, whose complement is stored inverted again.
    let [y, cb, cr] = YCC_RED;
    for luma in [(1, 1), (2, 2)] {
        let factors = [luma, (1, 1), (1, 1), luma];
        let ycck = Picture::flat((64, 64), &factors, |component, _, _| [y, cb, cr, 200][component]);
        let [c, m, y, k] = inks(&ycck.file(0xC0, std::slice::from_ref(&all), &adobe(2)));
        assert!(c >= 252 && m <= 3 && y <= 3 && k == 55, "{:?}", [c, m, y, k]);
    }
}

#[test]
fn junk_and_fill_bytes_between_segments_and_after_the_end_are_skipped() {
    let file = quarters(&PLAIN).sequential();
    let with = |at: usize, junk: &[u8]| [&file[..at], junk, &file[at..]].concat();
    assert_quarters(&with(2, &[0xFF; 5]), "fill bytes");
    assert_quarters(&with(2, &[0, 7, 0xFF, 0, 9]), "junk after the start");
    assert_quarters(&with(file.len(), b"\xFF\xD8\xFF and the rest of another file"), "junk after the end");
    assert_quarters(&with(file.len(), &[0; 4096]), "zeros after the end");
}

#[test]
fn a_segment_that_announces_less_than_its_own_length_is_passed_over() {
    let all: Scan<'_> = (&[0, 1, 2], 0..=63, 0, 0);
    for lies in [b"\xFF\xFE\0\0", b"\xFF\xFE\0\x01", b"\xFF\xE5\0\0", b"\xFF\xEE\0\x01"] {
        let followed_by_junk = [&lies[..], b"what the comment says"].concat();
        for segments in [&lies[..], &followed_by_junk] {
            let file = quarters(&PLAIN).file(0xC0, std::slice::from_ref(&all), segments);
            assert_quarters(&file, "a segment that lies");
            let progressive = quarters(&PLAIN).usual_progressive();
            assert_quarters(&[&progressive[..2], segments, &progressive[2..]].concat(), "progressive");
        }
    }
}

#[test]
fn components_of_the_same_name_are_taken_in_their_order() {
    let with_one_name = |mut picture: Picture| {
        picture.components.iter_mut().for_each(|component| component.id = 7);
        picture
    };
    for luma in [(1, 1), (2, 2)] {
        let picture = with_one_name(quarters(&[luma, (1, 1), (1, 1)]));
        let all: Scan<'_> = (&[0, 1, 2], 0..=63, 0, 0);
        assert_quarters(&picture.file(0xC0, std::slice::from_ref(&all), &[]), "one name");
    }
}

#[test]
fn the_first_exif_segment_and_all_profile_segments_count() {
    let exif = |orientation: u8| {
        let block = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice();
        segment(0xE1, &[block, &[orientation], &[0; 6]].concat())
    };
    let chunk = |number: u8, count: u8, bytes: &[u8]| {
        segment(0xE2, &[b"ICC_PROFILE\0".as_slice(), &[number, count], bytes].concat())
    };
    let segments = [
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<xmp/>"),
        chunk(2, 2, b"file"),
        exif(6),
        segment(0xE2, b"MPF\0of another kind"),
        exif(3),
        chunk(1, 2, b"pro"),
    ];
    let all: Scan<'_> = (&[0, 1, 2], 0..=63, 0, 0);
    let file = quarters(&PLAIN).file(0xC0, std::slice::from_ref(&all), &segments.concat());
    let opened = open(&file).expect("the header is readable");
    assert_eq!(opened.orientation, Orientation::Rotate90);
    assert_eq!(opened.jpeg.icc.as_deref(), Some(b"profile".as_slice()));
    // Upright it is 256 high, so 60 rows are wanted of its width.
    assert_eq!(Scale::choose(&opened, 60), Scale::choose(&opened, 100));
    assert_eq!(decoded(&file, 60).expect("it decodes").within, (128.0, 96.0));
}

#[test]
fn what_cannot_be_decoded_is_refused_with_a_reason() {
    let file = quarters(&PLAIN).sequential();
    let frame = file.windows(2).position(|bytes| bytes == [0xFF, 0xC0]).expect("a frame");
    let with = |at: usize, byte: u8| {
        let mut changed = file.clone();
        changed[at] = byte;
        open(&changed).map(|_| ()).expect_err("refused").code()
    };
    assert_eq!(with(frame + 1, 0xC3), "unsupported_feature", "lossless");
    assert_eq!(with(frame + 4, 12), "unsupported_feature", "12 bits");
    assert_eq!(with(frame + 9, 4), "decode_failed", "a wrong number of components");
    assert_eq!(with(frame + 11, 0), "decode_failed", "no sampling");
    assert_eq!(with(frame + 11, 0x51), "decode_failed", "impossible sampling");
    assert_eq!(with(frame + 1, 0xC9), "unsupported_feature", "arithmetic coding");
    assert_eq!(with(frame + 1, 0xCA), "unsupported_feature", "arithmetic coding, progressive");
    let empty = [&file[..frame + 5], &[0, 0], &file[frame + 7..]].concat();
    assert_eq!(open(&empty).map(|_| ()).expect_err("refused").code(), "decode_failed");
    let two = Picture::flat((64, 64), &[(1, 1); 2], |_, _, _| 9).sequential();
    assert_eq!(open(&two).map(|_| ()).expect_err("refused").code(), "unsupported_feature");
}

#[test]
fn a_file_that_only_the_library_takes_for_lossless_is_refused() {
    let mut file = quarters(&PLAIN).sequential();
    let scale = Scale::choose(&open(&file).expect("the header is readable"), 1);
    let frame = file.windows(2).position(|bytes| bytes == [0xFF, 0xC0]).expect("a frame");
    file[frame + 1] = 0xC3;
    let limits = turbo::DecoderBounds { memory: PLENTY, scans: 100 };
    let decoded = turbo::decode(&file, scale, Colour::Rgb, limits);
    assert_eq!(decoded.map(|_| ()), Err("The file is lossless.".to_owned()));
}

#[test]
fn memory_is_judged_by_the_header() {
    let picture = Picture::noise((800, 600), &[(2, 2), (1, 1), (1, 1)]);
    let (sequential, progressive) = (picture.sequential(), picture.usual_progressive());
    let all_coefficients = 800 * 608 * 3 / 2 * 2;
    let (sequential, progressive) =
        (open(&sequential).expect("readable"), open(&progressive).expect("readable"));
    let (eighth, full) = (Scale::choose(&progressive, 1), Scale::FULL);
    assert!(sequential.library_memory(eighth) < 2 << 20);
    assert!(sequential.direct_memory(eighth).is_some_and(|bytes| bytes < 2 << 20));
    assert!((1 << 20..3 << 20).contains(&(progressive.library_memory(eighth) - all_coefficients)));
    assert!(progressive.direct_memory(eighth).is_some_and(|bytes| bytes < 2 << 20));
    assert!(progressive.library_memory(full) >= all_coefficients + 800 * 600 * 3);
    assert_eq!(progressive.direct_memory(full), None);
}

#[test]
fn a_progressive_file_only_needs_memory_for_all_coefficients_if_the_library_decodes_it() {
    let picture = Picture::noise((800, 600), &[(2, 2), (1, 1), (1, 1)]);
    let mut file = picture.usual_progressive();
    let all_coefficients = 800 * 608 * 3 / 2 * 2;
    let code = |file: &[u8], wanted| {
        let opened = open(file).expect("the header is readable");
        decode(file, &opened, wanted, all_coefficients).map(|_| ()).map_err(|error| error.code().name())
    };
    assert_eq!(code(&file, 60), Ok(()), "at an eighth");
    assert_eq!(code(&file, 120), Ok(()), "at a quarter");
    assert_eq!(code(&file, 600), Err("decoder_memory"), "at full size");
    let end = file.len() - 2;
    file.splice(end..end, *b"junk");
    assert_eq!(code(&file, 120), Err("decoder_memory"), "what is not in perfect order");
}
