//! The chunks of a PNG. Each consists of length, type, data and checksum (PNG § 5.3).

use crate::cursor::{Cursor, Order, ReadError};
use crate::source::Source;

/// The signature that every PNG file begins with (§ 5.2). The chunks follow it.
pub(crate) const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1A\n";
/// The largest number in a PNG, which has 31 bits (§ 7.1).
pub(crate) const MAX_NUMBER: u32 = i32::MAX as u32;
/// The length of a chunk's checksum in bytes.
pub(crate) const CHECKSUM: u64 = 4;

pub(crate) const IHDR: [u8; 4] = *b"IHDR";
pub(crate) const PLTE: [u8; 4] = *b"PLTE";
pub(crate) const IDAT: [u8; 4] = *b"IDAT";
pub(crate) const IEND: [u8; 4] = *b"IEND";
pub(crate) const EXIF: [u8; 4] = *b"eXIf";

/// The header of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opening {
    /// The type of the chunk.
    pub(crate) kind: [u8; 4],
    /// The length of the data in bytes.
    pub(crate) length: u32,
}

impl Opening {
    /// Reads the length and the type. The data follow.
    pub(crate) fn read<S: Source>(cursor: &mut Cursor<'_, S>) -> Result<Self, ReadError<S::Error>> {
        let length = cursor.u32(Order::Big)?;
        Ok(Self { length, kind: cursor.array()? })
    }

    /// Whether this can be the header of a chunk: the length has at most 31 bits, and the type consists of four
    /// letters.
    pub(crate) fn is_possible(&self) -> bool {
        self.length <= MAX_NUMBER && self.kind.iter().all(u8::is_ascii_alphabetic)
    }

    /// Whether the chunk is critical, which means that the image cannot be shown without it (§ 5.4).
    pub(crate) fn is_critical(&self) -> bool {
        self.kind[0].is_ascii_uppercase()
    }
}

/// A chunk of a file in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// The type of the chunk.
    pub kind: [u8; 4],
    /// The whole chunk, from its length to its checksum.
    pub whole: &'a [u8],
}

/// An iterator over the chunks of a file in memory. It ends at the end of the file or at bytes that cannot be a chunk.
#[derive(Clone, Debug)]
pub struct Chunks<'a> {
    rest: &'a [u8],
}

impl<'a> Chunks<'a> {
    /// The chunks of `file` after the signature.
    #[must_use]
    pub fn of(file: &'a [u8]) -> Self {
        Self { rest: file.strip_prefix(SIGNATURE).unwrap_or_default() }
    }

    /// The bytes after the chunks that were read so far.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let mut source = self.rest;
        let mut cursor = Cursor::new(&mut source);
        let opening = Opening::read(&mut cursor).ok().filter(Opening::is_possible)?;
        cursor.skip(u64::from(opening.length) + CHECKSUM).ok()?;
        let (whole, rest) = self.rest.split_at(cursor.position() as usize);
        self.rest = rest;
        Some(Chunk { kind: opening.kind, whole })
    }
}
