//! Tests of both readings of a JPEG.

use super::lenient::places;
use super::marker::Coding;
use super::strict::tests::{frame, jpeg, sample, scan, segment};
use super::{MAX_SCANS, read};
use crate::tests::{Chance, Windowed, check};
use crate::{Cursor, Format, Header, ImageLimits, Unreadable, inspect};

/// The numbers of windows that the strict and the lenient reading of `bytes` read.
fn windows(bytes: &[u8]) -> [u64; 2] {
    let mut strict = Windowed::new(bytes);
    let _ = inspect(&mut strict, &ImageLimits::default());
    let mut lenient = Windowed::new(bytes);
    let _ = places(&mut Cursor::new(&mut lenient));
    [strict.windows, lenient.windows]
}

/// A progressive file that repeats the same scan of means.
fn progressive(scans: usize) -> Vec<u8> {
    let means = [segment(0xDA, &[1, 1, 0, 0, 0, 0]), b"\x12".to_vec()].concat();
    jpeg(&[&frame(0xC2, 8, 16, 16, 1), &means.repeat(scans), b"\xFF\xD9"])
}

#[test]
fn what_the_strict_reading_accepts_the_lenient_one_reads_alike() {
    let mut chance = Chance(30);
    let (baseline, _) = sample();
    let mut accepted = 0;
    for bytes in [baseline, progressive(3)] {
        for _ in 0..20_000 {
            let mut damaged = bytes.clone();
            for _ in 0..chance.below(4) {
                let place = chance.below(damaged.len());
                damaged[place] = chance.below(256) as u8;
            }
            damaged.truncate(damaged.len() - chance.below(4));
            if let Ok(strict) = check(&damaged)
                && strict.format == Format::Jpeg
            {
                assert_eq!(read(&damaged).map(|jpeg| jpeg.header()).ok(), Some(strict));
                accepted += 1;
            }
        }
    }
    assert!(accepted > 10_000, "only {accepted} files were compared");
}

#[test]
fn the_header_has_everything_in_front_of_the_pixels() {
    let profile = |number, bytes: &[u8]| segment(0xE2, &[b"ICC_PROFILE\0", &[number, 2][..], bytes].concat());
    let file = jpeg(&[
        &segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0"),
        &segment(0xE1, b"Exif\0\0first"),
        &segment(0xE1, b"Exif\0\0second"),
        &profile(2, b"file"),
        &profile(1, b"pro"),
        &segment(0xEE, b"Adobe\0\x64\0\0\0\0\0"),
        &frame(0xC1, 8, 640, 480, 3),
        &scan(3),
        b"\x12\xFF\xD9",
    ]);
    let jpeg = read(&file).expect("the file is readable");
    assert_eq!(jpeg.header(), Header { format: Format::Jpeg, width: 640, height: 480, frames: 1 });
    assert_eq!(jpeg.exif, Some(&b"first"[..]));
    assert_eq!(jpeg.icc.as_deref(), Some(&b"profile"[..]));
    assert!(jpeg.adobe);
    assert_eq!(jpeg.frame.coding, Coding::Sequential);
    assert_eq!(jpeg.data, b"\x12\xFF\xD9");
    assert!(jpeg.scans.is_none());
}

#[test]
fn the_scans_have_their_tables_and_their_data() {
    let means = segment(0xDA, &[1, 1, 0x20, 0, 0, 1]);
    let refinement = segment(0xDA, &[1, 1, 0, 0, 0, 0x10]);
    let table = segment(0xC4, b"table");
    let frame = frame(0xC2, 8, 16, 16, 1);
    let file = jpeg(&[&frame, &means, b"\x12\xFF\0\xFF\xD0\x34", &table, &refinement, b"\x56\xFF\xD9"]);
    let jpeg = read(&file).expect("the file is readable");
    let scans = jpeg.scans.as_ref().expect("progressive files have scans");
    assert!(scans.complete && !jpeg.ended_early());
    let [first, second] = &scans.list[..] else { panic!("{} scans", scans.list.len()) };
    assert_eq!(
        (first.tables, first.segment, first.data),
        (&frame[..], &means[..], &b"\x12\xFF\0\xFF\xD0\x34"[..])
    );
    assert_eq!((second.tables, second.segment, second.data), (&table[..], &refinement[..], &b"\x56"[..]));
    assert_eq!((first.header.components[0].dc, first.header.approximation), (2, (0, 1)));
    assert_eq!(scans.up_to_the_last, &file[..file.len() - 2]);
}

#[test]
fn a_file_without_its_end_has_ended_early() {
    for file in [sample().0, progressive(2)] {
        let ended = |bytes: &[u8]| read(bytes).expect("the file is readable").ended_early();
        assert!(!ended(&file));
        assert!(!ended(&[&file[..], b"more"].concat()));
        assert!(ended(&file[..file.len() - 1]));
        assert!(ended(&file[..file.len() - 2]));
    }
}

#[test]
fn other_coding_processes_are_named() {
    let unreadable =
        |frame: &[u8]| read(&jpeg(&[frame, &scan(1), b"\x12"])).map(|_| ()).expect_err("it is not read");
    let named = |name: &'static str| Unreadable::Unsupported(name.into());
    assert_eq!(unreadable(&frame(0xC9, 8, 1, 1, 1)), named("arithmetic-coded JPEG"));
    assert_eq!(unreadable(&frame(0xCA, 8, 1, 1, 1)), named("arithmetic-coded JPEG"));
    assert_eq!(unreadable(&frame(0xC3, 8, 1, 1, 1)), named("lossless JPEG"));
    assert_eq!(unreadable(&frame(0xC1, 12, 1, 1, 1)), named("12-bit JPEG"));
    assert_eq!(unreadable(&frame(0xC0, 8, 1, 1, 2)), named("JPEG with 2 components"));
    assert_eq!(unreadable(&frame(0xC0, 8, 0, 1, 1)), Unreadable::Damaged("its width or height is 0"));
}

#[test]
fn the_steps_of_both_readings_are_linear_in_the_bytes_that_are_read() {
    let million = 1 << 20;
    let end = [frame(0xC0, 8, 1, 1, 1), scan(1), b"\x12\xFF\xD9".to_vec()].concat();
    let profile = segment(0xE2, b"ICC_PROFILE\0\x01\x01");
    for (what, parts) in [
        ("empty comments", b"\xFF\xFE\0\x02".repeat(million)),
        ("comments with no length", b"\xFF\xFE\0\0".repeat(million)),
        ("empty EXIF blocks", b"\xFF\xE1\0\x08Exif\0\0".repeat(million)),
        ("empty parts of a profile", profile.repeat(million)),
        ("markers that stand alone", b"\xFF\x01".repeat(million)),
        ("fill bytes", vec![0xFF; million]),
        ("stuffed zeros", b"\xFF\0".repeat(million)),
        ("junk", vec![0; million]),
    ] {
        let bytes = jpeg(&[&parts, &end]);
        for windows in windows(&bytes) {
            assert!(windows < 2 * bytes.len() as u64, "{windows} for {} bytes of {what}", bytes.len());
        }
    }
}

#[test]
fn large_segments_are_passed_over() {
    let chunk = |n: u8| segment(0xE2, &[b"ICC_PROFILE\0", &[n, 255][..], &[0; 65_000]].concat());
    let profile: Vec<u8> = (1..=255).flat_map(chunk).collect();
    let bytes = jpeg(&[&profile, &frame(0xC0, 8, 1, 1, 1), &scan(1), b"\x12\xFF\xD9"]);
    for windows in windows(&bytes) {
        assert!(windows < 20 * 255, "{windows} for 255 segments");
    }
}

#[test]
fn only_so_many_scans_are_looked_for() {
    let count = |scans| read(&progressive(scans)).expect("readable").scans.expect("scans").list.len();
    assert_eq!(count(MAX_SCANS), MAX_SCANS);
    assert_eq!(count(MAX_SCANS + 2), MAX_SCANS + 1);
    assert_eq!(count(100_000), MAX_SCANS + 1);
    let [_, lenient] = windows(&progressive(100_000));
    assert!(lenient < 3000, "{lenient} windows");
}
