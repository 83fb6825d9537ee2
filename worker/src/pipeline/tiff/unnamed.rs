//! A file whose first directory says nothing of what its channels mean.

use std::io::{Cursor, Read, Result, Seek, SeekFrom};

const PHOTOMETRIC: u16 = 262;
const SHORT: u16 = 3;
/// Of one channel this is grey, and of more it is what the decoder hands out as they are.
const BLACK_IS_ZERO: u16 = 1;

/// Reads as the file does, but for the photometric interpretation.
pub(super) struct Unnamed<'a> {
    file: Cursor<&'a [u8]>,
    /// Where it stands in the file, and what is read instead.
    instead: Vec<(u64, u8)>,
}

impl<'a> Unnamed<'a> {
    /// Also returns what the file says of its photometric interpretation.
    pub(super) fn new(input: &'a [u8]) -> (Self, Option<u16>) {
        let mut instead = Vec::new();
        let mut photometric = None;
        if let Some(directory) = Directory::first(input) {
            for value in directory.values_of(PHOTOMETRIC) {
                let Some(bytes) = bytes_at(input, value) else { continue };
                photometric.get_or_insert(directory.order.short(bytes));
                let black_is_zero = directory.order.bytes(BLACK_IS_ZERO);
                instead.extend((value as u64..).zip(black_is_zero));
            }
        }
        (Self { file: Cursor::new(input), instead }, photometric)
    }
}

impl Read for Unnamed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let start = self.file.position();
        let count = self.file.read(buffer)?;
        for &(position, byte) in &self.instead {
            let index = position.checked_sub(start).and_then(|index| usize::try_from(index).ok());
            if let Some(read) = index.and_then(|index| buffer[..count].get_mut(index)) {
                *read = byte;
            }
        }
        Ok(count)
    }
}

impl Seek for Unnamed<'_> {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        self.file.seek(position)
    }
}

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn short(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    fn bytes(self, short: u16) -> [u8; 2] {
        match self {
            Self::Little => short.to_le_bytes(),
            Self::Big => short.to_be_bytes(),
        }
    }

    /// Of 4 or 8 bytes.
    fn offset(self, bytes: &[u8]) -> Option<usize> {
        let fold = |offset: u64, &byte: &u8| offset << 8 | u64::from(byte);
        let offset = match self {
            Self::Little => bytes.iter().rev().fold(0, fold),
            Self::Big => bytes.iter().fold(0, fold),
        };
        usize::try_from(offset).ok()
    }
}

/// The entries of a file's first directory.
struct Directory<'a> {
    input: &'a [u8],
    order: Order,
    entries: usize,
    count: usize,
    /// 12 bytes, or 20 in a BigTIFF.
    entry: usize,
}

impl<'a> Directory<'a> {
    fn first(input: &'a [u8]) -> Option<Self> {
        let order = match input.get(..2)? {
            b"II" => Order::Little,
            b"MM" => Order::Big,
            _ => return None,
        };
        let big = order.short(bytes_at(input, 2)?) == 43;
        let offset = |at: usize, length: usize| order.offset(input.get(at..at.checked_add(length)?)?);
        if big {
            let directory = offset(8, 8)?;
            let entries = directory.checked_add(8)?;
            Some(Self { input, order, entries, count: offset(directory, 8)?, entry: 20 })
        } else {
            let directory = offset(4, 4)?;
            let count = usize::from(order.short(bytes_at(input, directory)?));
            Some(Self { input, order, entries: directory.checked_add(2)?, count, entry: 12 })
        }
    }

    /// The places of the single short values of `tag`.
    fn values_of(&self, tag: u16) -> impl Iterator<Item = usize> {
        let entries = self.input.get(self.entries..).unwrap_or_default().chunks_exact(self.entry);
        entries.take(self.count).enumerate().filter_map(move |(index, entry)| {
            let is_it = self.order.short([entry[0], entry[1]]) == tag;
            let is_short = self.order.short([entry[2], entry[3]]) == SHORT;
            let value = if self.entry == 20 { 12 } else { 8 };
            (is_it && is_short).then_some(self.entries + index * self.entry + value)
        })
    }
}

fn bytes_at(input: &[u8], position: usize) -> Option<[u8; 2]> {
    input.get(position..)?.first_chunk().copied()
}
