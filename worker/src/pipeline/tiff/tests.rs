//! Tests of files that the decoder used to read incorrectly or not at all.

use super::*;
use image::{GrayImage, Luma, Rgb, RgbImage};
use std::iter;

const SHORT: u16 = 3;
const LONG: u16 = 4;

/// A file with an entry for each of `entries`, and the places and lengths of `pieces`, which are tiles or else strips.
fn file(entries: &[(u16, u32)], tiles: bool, pieces: &[Vec<u8>]) -> Vec<u8> {
    let (offsets, counts) = if tiles { (324, 325) } else { (273, 279) };
    let mut entries: Vec<_> = entries.iter().map(|&(tag, value)| (tag, SHORT, 1, value)).collect();
    let lists = (8 + 2 + 12 * (entries.len() + 2) + 4) as u32;
    let count = pieces.len() as u32;
    let data = lists + 8 * count;
    let starts: Vec<_> = pieces
        .iter()
        .scan(data, |end, piece| {
            let start = *end;
            *end += piece.len() as u32;
            Some(start)
        })
        .collect();
    let lengths: Vec<_> = pieces.iter().map(|piece| piece.len() as u32).collect();
    let place = |list: &[u32], at| if list.len() == 1 { list[0] } else { at };
    entries.push((offsets, LONG, count, place(&starts, lists)));
    entries.push((counts, LONG, count, place(&lengths, lists + 4 * count)));

    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 4]);
    for number in starts.iter().chain(&lengths) {
        file.extend(number.to_le_bytes());
    }
    file.extend(pieces.concat());
    file
}

#[track_caller]
fn pixels(file: &[u8]) -> DynamicImage {
    let tiff = open(file, &RenderLimits::default()).unwrap();
    let size = tiff.size;
    let (scaled, _) = tiff.decode(size).unwrap();
    scaled.pixels
}

fn colour(x: u32, y: u32) -> Rgb<u8> {
    Rgb([x as u8 * 8, y as u8 * 8, (x ^ y) as u8 * 4])
}

/// The tiles of an image of 20 × 24 pixels, each of 16 × 16 pixels. The parts of tiles beyond the image are white.
fn tiles(samples: impl Fn(Rgb<u8>) -> Vec<u8>) -> Vec<Vec<u8>> {
    let tile = |left: u32, top: u32| {
        let places = (top..top + 16).flat_map(|y| (left..left + 16).map(move |x| (x, y)));
        places
            .flat_map(|(x, y)| samples(if x < 20 && y < 24 { colour(x, y) } else { Rgb([255; 3]) }))
            .collect()
    };
    vec![tile(0, 0), tile(16, 0), tile(0, 16), tile(16, 16)]
}

#[test]
fn tiles_show_the_same_whether_their_samples_lie_together_or_in_planes() {
    let expected = DynamicImage::from(RgbImage::from_fn(20, 24, colour));
    let entries =
        |planar| [(256, 20), (257, 24), (258, 8), (262, 2), (277, 3), (284, planar), (322, 16), (323, 16)];
    let together = file(&entries(1), true, &tiles(|Rgb(samples)| samples.to_vec()));
    assert_eq!(pixels(&together), expected);
    let planes = (0..3).flat_map(|channel| tiles(move |Rgb(samples)| vec![samples[channel]]));
    let planar = file(&entries(2), true, &planes.collect::<Vec<_>>());
    assert_eq!(pixels(&planar), expected);
}

#[test]
fn tiles_that_are_listed_as_strips_show_the_same() {
    let entries = [(256, 20), (257, 24), (258, 8), (262, 2), (277, 3), (322, 16), (323, 16)];
    let listed = file(&entries, false, &tiles(|Rgb(samples)| samples.to_vec()));
    assert_eq!(pixels(&listed), RgbImage::from_fn(20, 24, colour).into());
}

#[test]
fn strips_in_planes_show_the_same_as_together() {
    let row = |y, channel: usize| (0..5).map(|x| colour(x, y)[channel]).collect::<Vec<_>>();
    // Two strips of two rows and of one, for each plane.
    let strips = (0..3).flat_map(|channel| [[row(0, channel), row(1, channel)].concat(), row(2, channel)]);
    let entries = [(256, 5), (257, 3), (258, 8), (262, 2), (277, 3), (278, 2), (284, 2)];
    let planar = file(&entries, false, &strips.collect::<Vec<_>>());
    assert_eq!(pixels(&planar), RgbImage::from_fn(5, 3, colour).into());
}

#[test]
fn samples_of_every_depth_are_stretched_to_8_bits() {
    for bits in 1..=16_u32 {
        let top = (1_u64 << bits) - 1;
        let level = |x: u32| u64::from(x) * top / 4;
        // The samples of a row, the most significant bit first, then zeros up to a whole byte.
        let bit_string = (0..5).flat_map(|x| (0..bits).rev().map(move |bit| level(x) >> bit & 1 == 1));
        let mut bits_of_row: Vec<_> = bit_string.collect();
        bits_of_row.resize(bits_of_row.len().next_multiple_of(8), false);
        let mut row: Vec<u8> = bits_of_row
            .chunks(8)
            .map(|byte| byte.iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit)))
            .collect();
        if bits == 16 {
            // Whole bytes are in the file's order.
            row.chunks_exact_mut(2).for_each(|sample| sample.reverse());
        }
        let entries = [(256, 5), (257, 1), (258, bits), (262, 1)];
        let expected = GrayImage::from_fn(5, 1, |x, _| Luma([((level(x) * 255 + top / 2) / top) as u8]));
        assert_eq!(pixels(&file(&entries, false, &[row])).into_luma8(), expected, "{bits} bits");
    }
}

#[test]
fn samples_of_three_bytes_are_in_the_files_order() {
    let row = vec![0, 0, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0x80];
    let entries = [(256, 3), (257, 1), (258, 24), (262, 1)];
    let shown = pixels(&file(&entries, false, &[row])).into_luma16();
    assert_eq!(shown.into_raw(), [0xFF00, 0x00FF, 0x8000]);
}

#[test]
fn reversed_bits_are_turned_around() {
    let entries = |order| [(256, 8), (257, 2), (258, 1), (262, 1), (266, order)];
    let straight = pixels(&file(&entries(1), false, &[vec![0b1100_1010, 0b0000_0001]]));
    let reversed = pixels(&file(&entries(2), false, &[vec![0b0101_0011, 0b1000_0000]]));
    assert_eq!(straight, reversed);
    assert_eq!(&straight.as_bytes()[..5], &[255, 255, 0, 0, 255]);
}

#[test]
fn a_predictor_that_the_compression_does_not_have_means_nothing() {
    let entries = [(256, 4), (257, 1), (258, 8), (259, 1), (262, 1), (317, 2)];
    assert_eq!(pixels(&file(&entries, false, &[vec![1, 2, 3, 4]])).as_bytes(), &[1, 2, 3, 4]);
}

#[test]
fn undefined_samples_are_plain_numbers() {
    let entries = [(256, 4), (257, 1), (258, 8), (262, 1), (339, 4)];
    assert_eq!(pixels(&file(&entries, false, &[vec![1, 2, 3, 4]])).as_bytes(), &[1, 2, 3, 4]);
}

#[test]
fn a_file_cut_off_anywhere_ends_too_early() {
    let entries = [(256, 4), (257, 2), (258, 8), (262, 1), (278, 1)];
    let whole = file(&entries, false, &[vec![1, 2, 3, 4], vec![5, 6, 7, 8]]);
    for length in 4..whole.len() {
        let failed = match open(&whole[..length], &RenderLimits::default()) {
            Ok(tiff) => tiff.decode(Size { width: 4, height: 2 }).err(),
            Err(error) => Some(error),
        };
        assert!(matches!(failed, Some(RenderError::CutShort { .. })), "{length}: {failed:?}");
    }
}

#[test]
fn what_is_not_decoded_is_an_unsupported_feature() {
    let entries = [(256, 4), (257, 1), (258, 8), (262, 1), (339, 2)];
    let failed = open(&file(&entries, false, &[vec![0; 4]]), &RenderLimits::default()).err();
    assert!(matches!(failed, Some(RenderError::UnsupportedFeature { .. })), "{failed:?}");
}

#[test]
fn a_tile_that_needs_more_memory_than_there_is_is_refused_before_it_is_decoded() {
    let entries = [(256, 4), (257, 1), (258, 8), (262, 1), (277, 60_000), (278, 1)];
    let row = iter::repeat_n(0, 4 * 60_000).collect();
    let limits = RenderLimits { decoder_memory: 100_000, ..RenderLimits::default() };
    let file = file(&entries, false, &[row]);
    let failed = open(&file, &limits).unwrap().decode(Size { width: 4, height: 1 }).err();
    assert!(matches!(failed, Some(RenderError::DecoderMemory { .. })), "{failed:?}");
}
