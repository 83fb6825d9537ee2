//! Tests that the lenient reading agrees with the strict one.

use super::*;
use crate::Unreadable;
use crate::tests::{assert_lenient_agrees, check};
use crate::tiff::read;

#[test]
fn what_the_strict_reading_accepts_the_lenient_one_reads_with_the_same_header() {
    for file in [sample(), CLASSIC.file(tile), with(259, SHORT, 1, 5), directories::chain(2, |_| 0)] {
        assert_lenient_agrees(&file, |file| {
            // What is accepted has all of its strips.
            let whole = read(file).ok().filter(|tiff| !tiff.ended_early);
            (check(file).ok(), whole.map(|tiff| tiff.header()))
        });
    }
}

#[test]
fn a_file_that_ends_within_its_strip_is_read_and_said_to_end_early() {
    let whole = sample();
    for length in 0..=whole.len() {
        let strip = whole.len() - 8;
        match read(&whole[..length]) {
            Ok(tiff) => assert_eq!(tiff.ended_early, length < whole.len(), "{length}"),
            Err(error) => assert!(length < strip && error == Unreadable::EndedEarly, "{length}: {error}"),
        }
    }
}

#[test]
fn only_the_first_directory_matters_to_the_lenient_reading() {
    let loops = directories::chain(3, |first| first);
    assert!(is_invalid(&loops));
    assert!(read(&loops).is_ok());
}

#[test]
fn what_is_not_decoded_is_named_by_both_readings() {
    let bytes = with(339, SHORT, 1, 2);
    assert_eq!(read(&bytes), Err(Unreadable::Unsupported("signed samples".into())));
}

#[test]
fn values_are_found_in_their_entry_or_elsewhere() {
    let bytes = with_all(&[(274, SHORT, 1, 6), (34675, 7, 5, 0)]);
    let tiff = read(&bytes).unwrap();
    assert_eq!(tiff.image.orientation, 6);
    assert_eq!(tiff.bytes(&tiff.image.icc.clone().unwrap()), b"II*\0\x08");
    assert_eq!(tiff.values(&tiff.image.pieces.byte_counts), &[8, 0, 0, 0]);
}
