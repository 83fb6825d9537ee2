use crate::tests::{extent, is_invalid};

/// Writes numbers in one of the four layouts.
#[derive(Clone, Copy)]
struct Writer {
    little: bool,
    big: bool,
}

const CLASSIC: Writer = Writer { little: true, big: false };
const SHORT: u16 = 3;
const LONG: u16 = 4;

impl Writer {
    fn number(self, size: usize, number: u64) -> Vec<u8> {
        if self.little {
            number.to_le_bytes()[..size].to_vec()
        } else {
            number.to_be_bytes()[8 - size..].to_vec()
        }
    }

    fn offset_size(self) -> usize {
        if self.big { 8 } else { 4 }
    }

    fn offset(self, number: u64) -> Vec<u8> {
        self.number(self.offset_size(), number)
    }

    /// The header, which ends with the offset of the first directory.
    fn header(self, first: u64) -> Vec<u8> {
        let mut bytes = if self.little { *b"II" } else { *b"MM" }.to_vec();
        bytes.extend(self.number(2, if self.big { 43 } else { 42 }));
        if self.big {
            bytes.extend(self.number(2, 8));
            bytes.extend(self.number(2, 0));
        }
        bytes.extend(self.offset(first));
        bytes
    }

    /// Where the first directory is, when it follows the header.
    fn first(self) -> u64 {
        self.header(0).len() as u64
    }

    /// Entries of tag, type, count and value; then the next directory's offset.
    fn directory(self, entries: &[(u16, u16, u64, u64)], next: u64) -> Vec<u8> {
        let mut bytes = self.number(self.offset_size() / 4 * 6 - 4, entries.len() as u64);
        for (tag, kind, count, value) in entries {
            bytes.extend(self.number(2, (*tag).into()));
            bytes.extend(self.number(2, (*kind).into()));
            bytes.extend(self.offset(*count));
            let mut inline = match *kind {
                SHORT if *count == 1 => self.number(2, *value),
                _ => self.offset(*value),
            };
            inline.resize(self.offset_size(), 0);
            bytes.extend(inline);
        }
        bytes.extend(self.offset(next));
        bytes
    }

    /// A file of one directory, made from the offset where it ends, and 8 bytes of pixels after it.
    fn file(self, entries: impl Fn(u64) -> Vec<(u16, u16, u64, u64)>) -> Vec<u8> {
        let end = self.first() + self.directory(&entries(0), 0).len() as u64;
        [self.header(self.first()), self.directory(&entries(end), 0), vec![0; 8]].concat()
    }
}

fn strip(end: u64) -> Vec<(u16, u16, u64, u64)> {
    vec![(256, SHORT, 1, 4), (257, LONG, 1, 2), (273, LONG, 1, end), (279, LONG, 1, 8)]
}

/// The strip of a valid file, with one entry replaced.
fn with(tag: u16, kind: u16, count: u64, value: u64) -> Vec<u8> {
    CLASSIC.file(|end| {
        let mut entries = strip(end);
        entries.retain(|entry| entry.0 != tag);
        entries.push((tag, kind, count, value));
        entries
    })
}

pub(crate) fn sample() -> Vec<u8> {
    CLASSIC.file(strip)
}

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
fn tiles_pass_like_strips_and_byte_counts_may_be_left_out() {
    let tiles = CLASSIC.file(|end| {
        let mut entries = strip(end);
        entries[2].0 = 324;
        entries[3].0 = 325;
        entries
    });
    assert_eq!(extent(&tiles), (4, 2, 1));
    let without_counts = CLASSIC.file(|end| strip(end)[..3].to_vec());
    assert_eq!(extent(&without_counts), (4, 2, 1));
}

#[test]
fn a_size_that_is_missing_zero_or_no_number_is_invalid() {
    for left_out in 0..3 {
        let bytes = CLASSIC.file(|end| {
            let mut entries = strip(end);
            entries.remove(left_out);
            entries
        });
        assert!(is_invalid(&bytes));
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
}

#[test]
fn a_broken_list_of_something_else_does_no_harm() {
    let bytes = with(34665, LONG, u32::MAX.into(), u32::MAX.into());
    assert_eq!(extent(&bytes), (4, 2, 1));
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

/// A first directory with its strip, then `more` empty-handed ones, the last pointing to `last`.
fn chain(more: u64, last: impl Fn(u64) -> u64) -> Vec<u8> {
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
