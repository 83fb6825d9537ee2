//! The container of a WebP, which is a RIFF file and consists of chunks.
//!
//! Source: RFC 9649, §§ 2.3 and 2.4.

use std::ops::Range;

use crate::cursor::{Cursor, Order, ReadError};
use crate::source::Source;

/// The number of bytes of a chunk's header, which has its name and its size.
const CHUNK_HEADER: u64 = 8;

pub(crate) type Read<T, S> = Result<T, ReadError<<S as Source>::Error>>;

/// The header of the file.
#[derive(Clone, Debug)]
pub(crate) struct Riff {
    /// The range of the chunks, up to the end that the header states or to the end of the file.
    pub(crate) chunks: Range<u64>,
    /// Whether the file ends before the end that its header states.
    pub(crate) cut: bool,
}

impl Riff {
    /// Reads the header. Returns `None` if it is not that of a WebP file. Bytes after the stated end are ignored.
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

/// A chunk of the file.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(crate) kind: [u8; 4],
    /// The size of the data in bytes, as stated.
    pub(crate) size: u32,
    /// The range of the data, or of the part of it that the file has.
    pub(crate) data: Range<u64>,
    /// The range of the header, the data and the padding byte, or of the part of them that the file has. Chunks are
    /// padded to even sizes, but not every encoder pads the last one.
    pub(crate) range: Range<u64>,
}

impl Chunk {
    /// Reads the next chunk of the part of the file that the cursor is in, and moves the cursor to its end. If fewer
    /// bytes than a header are left, there is no chunk.
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

    /// Whether the file, or the chunk around this one, ends before the data does. Then this is the last chunk.
    pub(crate) fn is_cut(&self) -> bool {
        self.data.end - self.data.start < self.size.into()
    }
}

/// Reads the next three bytes as a number.
pub(crate) fn u24<S: Source>(cursor: &mut Cursor<'_, S>) -> Read<u32, S> {
    let [low, middle, high] = cursor.array()?;
    Ok(u32::from_le_bytes([low, middle, high, 0]))
}
