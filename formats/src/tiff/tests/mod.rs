//! Tests of both readings of TIFF.

mod directories;
mod features;
mod readings;
mod steps;

use crate::tests::{extent, is_invalid, refused_as};

/// Writes numbers in one of the four layouts.
#[derive(Clone, Copy)]
pub(crate) struct Writer {
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

type Entries = Vec<(u16, u16, u64, u64)>;

/// An image of 4 × 2 grey pixels of 8 bits, in one strip that starts at `end`.
fn strip(end: u64) -> Entries {
    vec![
        (256, SHORT, 1, 4),
        (257, LONG, 1, 2),
        (258, SHORT, 1, 8),
        (262, SHORT, 1, 1),
        (273, LONG, 1, end),
        (279, LONG, 1, 8),
    ]
}

/// The same in one tile.
fn tile(end: u64) -> Entries {
    let mut entries = strip(end);
    entries[4].0 = 324;
    entries[5].0 = 325;
    entries.extend([(322, SHORT, 1, 4), (323, SHORT, 1, 2)]);
    entries
}

/// The strip of a valid file, with entries replaced or added.
fn with_all(replacements: &[(u16, u16, u64, u64)]) -> Vec<u8> {
    CLASSIC.file(|end| {
        let mut entries = strip(end);
        entries.retain(|entry| replacements.iter().all(|replacement| entry.0 != replacement.0));
        entries.extend(replacements);
        entries
    })
}

/// The strip of a valid file, with one entry replaced or added.
fn with(tag: u16, kind: u16, count: u64, value: u64) -> Vec<u8> {
    with_all(&[(tag, kind, count, value)])
}

/// The strip of a valid file without one of its entries.
fn without(tag: u16) -> Vec<u8> {
    CLASSIC.file(|end| {
        let mut entries = strip(end);
        entries.retain(|entry| entry.0 != tag);
        entries
    })
}

pub(crate) fn sample() -> Vec<u8> {
    CLASSIC.file(strip)
}
