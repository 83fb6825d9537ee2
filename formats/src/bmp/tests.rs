//! Tests of both readings of BMP.

use super::{lenient, read};
use crate::tests::{Windowed, assert_lenient_agrees, check, extent, is_invalid, refused_as};
use crate::{ImageLimits, Unreadable, inspect};

/// A file with an info header of `header_size` and `room` bytes of pixels.
fn bmp(header_size: u32, (width, height): (i32, i32), bits: u16, compression: u32, room: usize) -> Vec<u8> {
    let mut header = header_size.to_le_bytes().to_vec();
    header.extend(width.to_le_bytes());
    header.extend(height.to_le_bytes());
    header.extend(1_u16.to_le_bytes());
    header.extend(bits.to_le_bytes());
    header.extend(compression.to_le_bytes());
    header.resize(header_size as usize, 0);
    if compression == 3 {
        let masks: [u32; 3] = if bits == 32 { [0xFF_0000, 0xFF00, 0xFF] } else { [0xF800, 0x7E0, 0x1F] };
        header.resize(header.len().max(52), 0);
        for (place, mask) in header[40..52].chunks_exact_mut(4).zip(masks) {
            place.copy_from_slice(&mask.to_le_bytes());
        }
    }
    if bits <= 8 {
        header.resize(header.len() + (4 << bits), 0);
    }
    file(&header, room)
}

/// The sample with the 32 bits at an offset replaced.
fn altered(mut bytes: Vec<u8>, offset: usize, value: u32) -> Vec<u8> {
    bytes[offset..][..4].copy_from_slice(&value.to_le_bytes());
    bytes
}

fn core(width: u16, height: u16, bits: u16, room: usize) -> Vec<u8> {
    let mut header = 12_u32.to_le_bytes().to_vec();
    for number in [width, height, 1, bits] {
        header.extend(number.to_le_bytes());
    }
    if bits <= 8 {
        header.resize(header.len() + (3 << bits), 0);
    }
    file(&header, room)
}

fn file(header: &[u8], room: usize) -> Vec<u8> {
    let mut bytes = b"BM\0\0\0\0\0\0\0\0".to_vec();
    bytes.extend((14 + header.len() as u32).to_le_bytes());
    bytes.extend(header);
    bytes.resize(bytes.len() + room, 0);
    bytes
}

pub(crate) fn sample() -> Vec<u8> {
    bmp(40, (3, 2), 24, 0, 24)
}

#[test]
fn every_header_version_gives_the_size() {
    for header_size in [40, 52, 56, 108, 124] {
        let bytes = bmp(header_size, (3, 2), 24, 0, 24);
        assert_eq!(extent(&bytes), (3, 2, 1));
    }
    assert_eq!(extent(&core(3, 2, 24, 24)), (3, 2, 1));
}

#[test]
fn a_negative_height_counts_from_the_top() {
    assert_eq!(extent(&bmp(40, (3, -2), 24, 0, 24)), (3, 2, 1));
    assert!(is_invalid(&bmp(40, (3, i32::MIN), 24, 0, 24)));
}

#[test]
fn a_size_of_zero_a_negative_width_and_other_planes_are_invalid() {
    assert!(is_invalid(&bmp(40, (0, 2), 24, 0, 24)));
    assert!(is_invalid(&bmp(40, (3, 0), 24, 0, 24)));
    assert!(is_invalid(&bmp(40, (-3, 2), 24, 0, 24)));
    assert!(is_invalid(&core(0, 2, 24, 24)));
    let mut planes = sample();
    planes[26] = 2;
    assert!(is_invalid(&planes));
}

#[test]
fn each_compression_has_its_depths() {
    for (compression, depths) in
        [(0, &[1, 2, 4, 8, 16, 24, 32][..]), (1, &[8]), (2, &[4]), (3, &[16, 32]), (7, &[])]
    {
        for bits in 0..=33 {
            let bytes = bmp(40, (1, 1), bits, compression, 4);
            let allowed = depths.contains(&bits);
            assert_eq!(is_invalid(&bytes), !allowed, "{compression} {bits}");
        }
    }
    for bits in 0..=33 {
        let allowed = [1, 4, 8, 24].contains(&bits);
        assert_eq!(is_invalid(&core(1, 1, bits, 4)), !allowed, "core {bits}");
    }
}

#[test]
fn runs_go_from_bottom_to_top_and_may_be_short() {
    assert_eq!(extent(&bmp(40, (99, 99), 8, 1, 2)), (99, 99, 1));
    assert!(is_invalid(&bmp(40, (99, -99), 8, 1, 2)));
    assert!(is_invalid(&bmp(40, (99, 99), 8, 1, 0)));
}

#[test]
fn pixels_that_do_not_fit_into_the_file_are_invalid() {
    for (bits, row) in [(1, 8), (4, 20), (8, 36), (16, 68), (24, 100), (32, 132)] {
        assert_eq!(extent(&bmp(40, (33, 2), bits, 0, 2 * row)), (33, 2, 1));
        assert!(is_invalid(&bmp(40, (33, 2), bits, 0, 2 * row - 1)));
    }
    assert!(is_invalid(&bmp(40, (65_535, 65_535), 32, 0, 100)));
}

#[test]
fn pixels_lie_behind_the_headers_and_inside_the_file() {
    for offset in [0, 53, 10_000, u32::MAX] {
        let mut bytes = sample();
        bytes[10..14].copy_from_slice(&offset.to_le_bytes());
        assert!(is_invalid(&bytes), "{offset}");
    }
}

#[test]
fn what_is_not_decoded_is_refused_by_name() {
    for header_size in [16, 64] {
        let bytes = file(&[&[header_size, 0, 0, 0][..], &[0; 60]].concat(), 24);
        assert_eq!(refused_as(&bytes), "BMP with a header of OS/2 2.x");
    }
    for (compression, name) in [
        (4, "BMP with JPEG compression"),
        (5, "BMP with PNG compression"),
        (6, "BMP with alpha bit fields"),
        (11, "BMP with CMYK colours"),
    ] {
        assert_eq!(refused_as(&bmp(40, (1, 1), 24, compression, 4)), name);
    }
    assert!(is_invalid(&bmp(41, (1, 1), 24, 0, 4)));
}

#[test]
fn sides_that_the_decoder_does_not_take_are_refused_by_name() {
    for size in [(65_536, 1), (1, 65_536), (1, -65_536)] {
        let bytes = bmp(40, size, 1, 0, 1 << 20);
        assert_eq!(refused_as(&bytes), "BMP with more than 65,535 columns or rows");
    }
    assert_eq!(extent(&bmp(40, (1, -65_535), 1, 0, 1 << 20)), (1, 65_535, 1));
}

#[test]
fn a_palette_has_at_most_as_many_colours_as_pixels_can_name_and_lies_in_the_file() {
    let colours = |colours, room| check(&altered(bmp(40, (1, 1), 4, 0, room), 46, colours));
    assert!(colours(16, 4).is_ok());
    assert!(colours(2, 4).is_ok());
    let oversize = altered(bmp(40, (1, 1), 4, 0, 4), 46, 17);
    assert_eq!(refused_as(&oversize), "BMP with a palette of more colours than its pixels can name");
    // Pixels that begin right behind the header, in a file that is too short for a palette.
    let mut without = altered(bmp(40, (1, 1), 8, 0, 4), 10, 54);
    without.truncate(54 + 100);
    assert!(is_invalid(&without));
    assert!(read(&without).unwrap().ended_early);
    // Where pixels are no numbers, a palette is a suggestion.
    assert!(check(&altered(sample(), 46, u32::MAX)).is_ok());
}

#[test]
fn masks_that_the_decoder_does_not_take_are_refused_by_name() {
    let masks = |header_size, at: usize, mask| altered(bmp(header_size, (1, 1), 16, 3, 4), at, mask);
    for header_size in [40, 52, 56, 124] {
        assert!(check(&bmp(header_size, (1, 1), 16, 3, 4)).is_ok(), "{header_size}");
        let bytes = masks(header_size, 62, 0);
        assert_eq!(refused_as(&bytes), "BMP with a mask without bits for a colour");
        let bytes = masks(header_size, 54, 0xA000);
        assert_eq!(refused_as(&bytes), "BMP with a mask with a gap between its bits");
        let bytes = masks(header_size, 58, 0x1_F000);
        assert_eq!(refused_as(&bytes), "BMP with a mask that is wider than a pixel");
    }
    // The fourth mask is that of alpha, in headers that have one.
    assert_eq!(refused_as(&masks(56, 66, 5)), "BMP with a mask with a gap between its bits");
    assert!(check(&masks(56, 66, 0x8000)).is_ok());
    let whole = altered(bmp(40, (1, 1), 32, 3, 4), 54, u32::MAX);
    assert!(check(&whole).is_ok());
}

#[test]
fn what_the_strict_reading_accepts_the_lenient_one_reads_with_the_same_header() {
    let (top_down, masks) = (bmp(40, (9, -3), 8, 0, 36), bmp(124, (5, 5), 32, 3, 100));
    for file in [sample(), top_down, masks, core(9, 9, 4, 72), bmp(40, (9, 9), 4, 2, 9)] {
        assert_lenient_agrees(&file, |file| {
            // What is accepted has all of its pixels.
            let whole = read(file).ok().filter(|bmp| !bmp.ended_early);
            (check(file).ok(), whole.map(|bmp| bmp.header()))
        });
    }
}

#[test]
fn a_file_that_ends_within_its_pixels_is_read_and_said_to_end_early() {
    let whole = sample();
    for length in 0..=whole.len() {
        match read(&whole[..length]) {
            Ok(bmp) => assert_eq!(bmp.ended_early, length < whole.len(), "{length}"),
            Err(error) => assert!(length < 54 && error == Unreadable::EndedEarly, "{length}: {error}"),
        }
    }
}

#[test]
fn only_a_header_of_the_fifth_version_embeds_a_profile() {
    for (header_size, colour_space, found) in
        [(124, b"MBED", true), (124, b"LINK", false), (108, b"MBED", false)]
    {
        let mut bytes = bmp(header_size, (1, 1), 24, 0, 4);
        bytes = altered(bytes, 14 + 56, u32::from_be_bytes(*colour_space));
        if header_size == 124 {
            bytes = altered(altered(bytes, 14 + 112, 128), 14 + 116, 7);
        }
        bytes.extend(b"profile");
        let bmp = read(&bytes).unwrap();
        let icc = bmp.image.icc.as_ref().map(|icc| bmp.bytes(icc));
        assert_eq!(icc, found.then_some(Some(&b"profile"[..])));
        let cut = read(&bytes[..bytes.len() - 1]).unwrap();
        assert!(cut.image.icc.as_ref().is_none_or(|icc| cut.bytes(icc).is_none()));
    }
}

#[test]
fn no_header_takes_more_than_a_few_steps() {
    let mut worst = bmp(124, (65_535, 65_535), 8, 1, 10);
    for byte in &mut worst[14 + 20..14 + 124] {
        *byte = 0xFF;
    }
    for bytes in [worst, bmp(124, (5, 5), 32, 3, 100), core(u16::MAX, u16::MAX, 1, 0)] {
        let mut strict = Windowed::new(&bytes);
        let _ = inspect(&mut strict, &ImageLimits::default());
        let mut gentle = Windowed::new(&bytes);
        let _ = lenient::read_from(&mut gentle);
        assert!(strict.windows < 200 && gentle.windows < 40, "{} {}", strict.windows, gentle.windows);
    }
}
