//! Tests of both readings of a PNG.

use super::lenient::places;
use super::strict::tests::{animation, chunk, data, end, header, png, sample};
use super::{Chunks, read};
use crate::tests::{Chance, Windowed, check};
use crate::{Cursor, Format, Header, ImageLimits, Unreadable, inspect};

/// Damages a file between its chunks' checksums, and mends those.
fn damaged(bytes: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut file = bytes[..8].to_vec();
    for found in Chunks::of(bytes) {
        let mut kind = found.kind;
        let mut data = found.whole[8..found.whole.len() - 4].to_vec();
        if !data.is_empty() && chance.below(8) == 0 {
            let place = chance.below(data.len());
            data[place] = chance.below(256) as u8;
        }
        if chance.below(20) == 0 {
            kind[chance.below(4)] = b'A' + chance.below(58) as u8;
        }
        let times = if chance.below(20) == 0 { 2 } else { 1 };
        file.extend(chunk(&kind, &data).repeat(times));
    }
    file
}

#[test]
fn what_the_strict_reading_accepts_the_lenient_one_reads_alike() {
    let mut chance = Chance(31);
    let mut accepted = 0;
    let animated = png(&[
        header(20, 10, 8, 3),
        chunk(b"PLTE", &[0; 6]),
        animation(3),
        data(),
        chunk(b"fdAT", b"\0\0\0\0frame"),
        chunk(b"eXIf", b"II*\0"),
        end(),
    ]);
    for bytes in [sample(), animated] {
        for _ in 0..10_000 {
            let file = damaged(&bytes, &mut chance);
            if let Ok(strict) = check(&file) {
                assert_eq!(read(&file).map(|png| png.header()), Ok(strict));
                accepted += 1;
            }
        }
    }
    assert!(accepted > 5_000, "only {accepted} files were compared");
}

#[test]
fn the_first_exif_block_counts_in_front_of_the_pixels_and_behind_them() {
    let exif = |text: &[u8]| chunk(b"eXIf", text);
    let read_exif = |chunks: &[Vec<u8>]| {
        let file = png(chunks);
        read(&file).expect("the file is readable").exif.map(<[u8]>::to_vec)
    };
    let header = || header(1, 1, 8, 2);
    assert_eq!(read_exif(&[header(), exif(b"front"), data(), exif(b"back"), end()]), Some(b"front".to_vec()));
    assert_eq!(read_exif(&[header(), data(), exif(b"back"), end()]), Some(b"back".to_vec()));
    assert_eq!(read_exif(&[header(), data(), end(), exif(b"beyond")]), None);
}

#[test]
fn a_file_that_is_cut_off_behind_its_header_has_ended_early() {
    let file = sample();
    let png = read(&file).expect("the file is readable");
    assert_eq!(png.header(), Header { format: Format::Png, width: 20, height: 10, frames: 1 });
    assert!(!png.ended_early);
    for length in 0..file.len() {
        let ended_early = read(&file[..length]).map(|png| png.ended_early);
        let behind_the_header = 8 + 12 + 13;
        let expected = if length < behind_the_header { Err(Unreadable::EndedEarly) } else { Ok(true) };
        assert_eq!(ended_early, expected, "{length} bytes");
    }
}

#[test]
fn a_file_without_pixels_or_with_a_strange_header_is_damaged() {
    let fails = |chunks: &[Vec<u8>]| matches!(read(&png(chunks)), Err(Unreadable::Damaged(_)));
    assert!(fails(&[header(1, 1, 8, 2), end()]));
    assert!(fails(&[data(), header(1, 1, 8, 2), end()]));
    assert!(fails(&[header(0, 1, 8, 2), data(), end()]));
    assert!(fails(&[header(1, 1, 4, 2), data(), end()]));
}

#[test]
fn the_steps_of_both_readings_are_linear_in_the_bytes_that_are_read() {
    let million = 1 << 20;
    for (what, parts) in [
        ("empty chunks", chunk(b"IDAT", b"").repeat(million)),
        ("empty EXIF blocks", chunk(b"eXIf", b"").repeat(million)),
        ("animation headers", animation(u32::MAX).repeat(million)),
        ("one long chunk", chunk(b"IDAT", &vec![0; million])),
    ] {
        let bytes = png(&[header(1, 1, 8, 2), parts, data(), end()]);
        let mut strict = Windowed::new(&bytes);
        assert!(inspect(&mut strict, &ImageLimits::default()).is_ok(), "{what}");
        let mut lenient = Windowed::new(&bytes);
        assert!(places(&mut Cursor::new(&mut lenient)).is_ok(), "{what}");
        for windows in [strict.windows, lenient.windows] {
            assert!(windows < bytes.len() as u64, "{windows} for {} bytes of {what}", bytes.len());
        }
    }
}
