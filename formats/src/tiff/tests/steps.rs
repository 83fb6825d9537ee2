//! Tests of the cost of the worst files, counted in the windows that a reading reads.

use super::*;
use crate::tests::Windowed;
use crate::tiff::lenient;
use crate::{ImageLimits, inspect};

/// Steps of the strict and of the lenient reading. Windows have 7 bytes, so that no number takes more than three.
#[track_caller]
fn are_at_most_one_for_each_byte(bytes: &[u8]) {
    let mut strict = Windowed::new(bytes);
    let _ = inspect(&mut strict, &ImageLimits::default());
    let mut gentle = Windowed::new(bytes);
    let _ = lenient::read_from(&mut gentle);
    for (reading, windows) in [("strict", strict.windows), ("lenient", gentle.windows)] {
        assert!(windows <= 100 + bytes.len() as u64, "{reading}: {windows} of {} bytes", bytes.len());
    }
}

#[test]
fn a_directory_of_65_535_entries_takes_a_step_for_each_of_its_numbers() {
    for entry in [(0, SHORT, 1, 1), (256, SHORT, 1, 4), (273, LONG, u32::MAX.into(), 8), (339, SHORT, 1, 1)] {
        let entries = CLASSIC.file(|_| vec![entry; 65_535]);
        are_at_most_one_for_each_byte(&entries);
    }
}

#[test]
fn huge_counts_take_no_step_unless_the_file_has_the_values() {
    let mut entries: Entries = strip(200);
    for entry in &mut entries {
        for kind in [0, 1, 2, 7, 99] {
            (entry.1, entry.2) = (kind, u32::MAX.into());
        }
    }
    are_at_most_one_for_each_byte(&CLASSIC.file(|_| entries.clone()));
    let big = Writer { little: true, big: true };
    for kind in [0, 1, 3, 4, 5, 16, 99] {
        for count in [u64::MAX, u64::MAX / 8, 1 << 40] {
            let bytes = big.file(|end| {
                let mut entries = strip(end);
                entries.iter_mut().for_each(|entry| (entry.1, entry.2) = (kind, count));
                entries
            });
            are_at_most_one_for_each_byte(&bytes);
        }
    }
}

#[test]
fn a_list_that_fills_the_file_is_read_once() {
    // The bits of each of many samples, in a list behind the directory.
    let mut bytes = CLASSIC.file(|end| {
        let mut entries = strip(end);
        entries[2] = (258, SHORT, 100_000, end);
        entries.push((339, SHORT, 100_000, end));
        entries
    });
    bytes.extend([8, 0].repeat(100_000));
    are_at_most_one_for_each_byte(&bytes);
}

#[test]
fn the_longest_chain_takes_a_few_steps_for_each_directory() {
    are_at_most_one_for_each_byte(&directories::chain(1000, |_| 0));
    are_at_most_one_for_each_byte(&directories::chain(1000, |first| first));
}

#[test]
fn the_places_of_many_strips_are_read_once() {
    // 50,000 rows in as many strips, which all lie at the file's start.
    let rows = 50_000;
    let mut bytes = CLASSIC.file(|end| {
        let list = end + 8;
        let mut entries = strip(end);
        entries[1] = (257, LONG, 1, rows);
        entries[4] = (273, SHORT, rows, list);
        entries[5] = (279, SHORT, rows, list);
        entries.push((278, SHORT, 1, 1));
        entries
    });
    bytes.extend([8, 0].repeat(rows as usize));
    assert_eq!(extent(&bytes), (4, 50_000, 1));
    are_at_most_one_for_each_byte(&bytes);
}
