//! The container of WebP: a RIFF file, which consists of chunks.
//!
//! Source: RFC 9649, §§ 2.3 and 2.4.

use std::ops::Range;

use crate::cursor::{Cursor, Order, ReadError};
use crate::source::Source;

/// Bytes of a chunk's name and size.
const CHUNK_HEADER: u64 = 8;

pub(crate) type Read<T, S> = Result<T, ReadError<<S as Source>::Error>>;

/// The header of the file.
#[derive(Clone, Debug)]
pub(crate) struct Riff {
    /// Where the chunks are: up to the end that the header states, or to that of the file.
    pub(crate) chunks: Range<u64>,
    /// The file ends before the end that its header states.
    pub(crate) cut: bool,
}

impl Riff {
    /// Reads the header; `None` if it is not that of a WebP file. Bytes behind the stated end are no part of it.
    pub(crate) fn read<S: Source>(cursor: &mut Cursor<'_, S>) -> Read<Option<Self>, S> {
        let riff: [u8; 4] = cursor.array()?;
        let size = u64::from(cursor.u32(Order::Little)?);
        let end = cursor.position() + size;
        let webp: [u8; 4] = cursor.array()?;
        if (&riff, &webp) != (b"RIFF", b"WEBP") {
            return Ok(None);
        }
        let cut = end > cursor.length();
        Ok(Some(Self { chunks: cursor.position()..end.min(cursor.length()).max(cursor.position()), cut }))
    }
}

/// A chunk.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(crate) kind: [u8; 4],
    /// The size of the data in bytes, as stated.
    pub(crate) size: u32,
    /// As much of the data as there is.
    pub(crate) data: Range<u64>,
    /// The header, the data and the byte of padding, as far as they are there. Chunks are padded to even sizes, the
    /// last one not by every encoder.
    pub(crate) range: Range<u64>,
}

impl Chunk {
    /// The next chunk of the part of the file that the cursor is in, after which the cursor is behind the chunk.
    /// Fewer bytes than a header are no chunk.
    pub(crate) fn next<S: Source>(cursor: &mut Cursor<'_, S>) -> Read<Option<Self>, S> {
        if cursor.remaining() < CHUNK_HEADER {
            return Ok(None);
        }
        let start = cursor.position();
        let kind = cursor.array()?;
        let size = cursor.u32(Order::Little)?;
        let data = cursor.skip(cursor.remaining().min(size.into()))?;
        cursor.skip(cursor.remaining().min(u64::from(size % 2)))?;
        Ok(Some(Self { kind, size, data, range: start..cursor.position() }))
    }

    /// The file, or the chunk that this one is in, ends before the data does. It is the last one then.
    pub(crate) fn is_cut(&self) -> bool {
        self.data.end - self.data.start < self.size.into()
    }
}

/// The next three bytes as a number.
pub(crate) fn u24<S: Source>(cursor: &mut Cursor<'_, S>) -> Read<u32, S> {
    let [low, middle, high] = cursor.array()?;
    Ok(u32::from_le_bytes([low, middle, high, 0]))
}
