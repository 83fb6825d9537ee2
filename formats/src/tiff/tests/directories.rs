//! Tests of directories, their chain, and the positions of strips and tiles.

use super::*;

#[test]
fn both_byte_orders_and_both_widths_give_the_size() {
    for little in [true, false] {
        let classic = Writer { little, big: false };
        assert_eq!(extent(&classic.file(strip)), (4, 2, 1));
        let big = Writer { little, big: true };
        let bytes = big.file(|end| {
            let mut entries = strip(end);
            // LONG8, so that the numbers fill their place in either byte order
            entries.iter_mut().skip(1).for_each(|entry| entry.1 = 16);
            entries
        });
        assert_eq!(extent(&bytes), (4, 2, 1));
    }
}

#[test]
fn tiles_pass_like_strips_even_if_they_are_listed_under_the_tags_of_strips() {
    assert_eq!(extent(&CLASSIC.file(tile)), (4, 2, 1));
    let under_strips = CLASSIC.file(|end| {
        let mut entries = tile(end);
        entries[4].0 = 273;
        entries[5].0 = 279;
        entries
    });
    assert_eq!(extent(&under_strips), (4, 2, 1));
}

#[test]
fn a_size_that_is_missing_zero_or_no_number_is_invalid() {
    for tag in [256, 257, 273] {
        assert!(is_invalid(&without(tag)), "{tag}");
    }
    assert!(is_invalid(&with(256, SHORT, 1, 0)));
    assert!(is_invalid(&with(257, LONG, 1, 0)));
    assert!(is_invalid(&with(257, LONG, 0, 2)));
    assert!(is_invalid(&with(257, 2, 1, 2)));
}

#[test]
fn pieces_and_lists_of_pieces_that_leave_the_file_are_invalid() {
    assert!(is_invalid(&with(273, LONG, 1, 10_000)));
    assert!(is_invalid(&with(279, LONG, 1, 9)));
    assert!(is_invalid(&with(279, LONG, 1, u32::MAX.into())));
    assert!(is_invalid(&with(273, LONG, u32::MAX.into(), 8)));
    assert!(is_invalid(&with(273, LONG, 2, u32::MAX.into())));
    // Pixels that are not compressed have to fit into the file, whatever it says of their length.
    assert!(is_invalid(&with_all(&[(256, SHORT, 1, 5), (279, LONG, 1, 2)])));
    assert_eq!(extent(&with(279, LONG, 1, 2)), (4, 2, 1));
}

#[test]
fn more_or_fewer_pieces_than_the_size_needs_are_invalid() {
    // Two strips of one row, and places for one.
    assert!(is_invalid(&with(278, SHORT, 1, 1)));
    assert!(is_invalid(&with(278, SHORT, 1, 0)));
    assert_eq!(extent(&with(278, LONG, 1, u32::MAX.into())), (4, 2, 1));
    // Three planes in one strip.
    assert!(is_invalid(&with_all(&[(277, SHORT, 1, 3), (284, SHORT, 1, 2)])));
}

#[test]
fn a_broken_list_of_something_else_does_no_harm() {
    for tag in [34665, 34675, 274, 529, 532] {
        let bytes = with(tag, LONG, u32::MAX.into(), u32::MAX.into());
        assert_eq!(extent(&bytes), (4, 2, 1), "{tag}");
    }
}

#[test]
fn the_first_of_two_entries_of_a_tag_counts() {
    let twice = CLASSIC.file(|end| [strip(end), vec![(256, SHORT, 1, 99)]].concat());
    assert_eq!(extent(&twice), (4, 2, 1));
}

#[test]
fn an_empty_directory_or_one_outside_the_file_is_invalid() {
    let empty = [CLASSIC.header(8), CLASSIC.directory(&[], 0)].concat();
    assert!(is_invalid(&empty));
    for first in [0, 10_000, u32::MAX.into()] {
        assert!(is_invalid(&CLASSIC.header(first)));
    }
    let big = Writer { little: true, big: true };
    let endless = [big.header(16), vec![0xFF; 100]].concat();
    assert!(is_invalid(&endless));
}

/// A first directory with its strip, then `more` like it, the last pointing to `last`.
pub(super) fn chain(more: u64, last: impl Fn(u64) -> u64) -> Vec<u8> {
    let first = CLASSIC.first();
    let length = CLASSIC.directory(&strip(0), 0).len() as u64;
    let place = |index: u64| first + index * length;
    let mut bytes = CLASSIC.header(first);
    for index in 0..=more {
        let next = if index == more { last(first) } else { place(index + 1) };
        bytes.extend(CLASSIC.directory(&strip(place(more + 1)), next));
    }
    bytes.extend([0; 8]);
    bytes
}

#[test]
fn further_pages_are_not_frames() {
    assert_eq!(extent(&chain(3, |_| 0)), (4, 2, 1));
}

#[test]
fn a_chain_that_loops_leaves_the_file_or_does_not_end_is_invalid() {
    assert!(is_invalid(&chain(0, |first| first)));
    assert!(is_invalid(&chain(3, |first| first)));
    assert!(is_invalid(&chain(3, |_| 1_000_000)));
    assert_eq!(extent(&chain(999, |_| 0)), (4, 2, 1));
    assert!(is_invalid(&chain(1000, |_| 0)));
}
