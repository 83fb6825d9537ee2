//! PNG and APNG: every chunk up to IEND, with its checksum.
//!
//! Source: W3C PNG (third edition), §§ 5 and 11.

use crate::cursor::{Cursor, Order};
use crate::inspect::{Extent, Inspected, ensure};
use crate::refusal::Refusal;
use crate::source::Source;

const SIGNATURE: u64 = 8;
/// PNG numbers have 31 bits.
const MAX: u32 = i32::MAX as u32;
const PALETTE: u8 = 3;

/// Checks all chunks and gives width, height and the frames that an `acTL` announces.
pub(crate) fn inspect<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<Extent, S> {
    cursor.skip(SIGNATURE)?;
    let chunk = Chunk::open(cursor)?;
    ensure(&chunk.kind == b"IHDR" && chunk.length == 13)?;
    let (header, bytes) = chunk.read::<S, 13>(cursor)?;
    header.close(cursor)?;
    let header = Header::parse(bytes)?;

    let mut frames = None;
    let mut palette = false;
    let mut data = false;
    loop {
        let mut chunk = Chunk::open(cursor)?;
        match &chunk.kind {
            b"IHDR" => return Err(Refusal::Invalid.into()),
            b"PLTE" if header.colour == PALETTE => {
                ensure(!palette && !data)?;
                ensure(matches!(chunk.length, 3..=768) && chunk.length % 3 == 0)?;
                palette = true;
            }
            b"IDAT" => {
                ensure(palette || header.colour != PALETTE)?;
                data = true;
            }
            b"acTL" if !data && frames.is_none() => {
                ensure(chunk.length == 8)?;
                let (rest, [a, b, c, d, ..]) = chunk.read::<S, 8>(cursor)?;
                frames = Some(u32::from_be_bytes([a, b, c, d]));
                chunk = rest;
            }
            b"IEND" => {
                chunk.close(cursor)?;
                ensure(data)?;
                return Ok((header.width, header.height, frames.unwrap_or(1).max(1)));
            }
            _ => {}
        }
        chunk.close(cursor)?;
    }
}

struct Header {
    width: u32,
    height: u32,
    colour: u8,
}

impl Header {
    fn parse(bytes: [u8; 13]) -> Result<Self, Refusal> {
        let [w0, w1, w2, w3, h0, h1, h2, h3, depth, colour, compression, filter, interlace] = bytes;
        let width = u32::from_be_bytes([w0, w1, w2, w3]);
        let height = u32::from_be_bytes([h0, h1, h2, h3]);
        ensure((1..=MAX).contains(&width) && (1..=MAX).contains(&height))?;
        ensure(match colour {
            0 => matches!(depth, 1 | 2 | 4 | 8 | 16),
            PALETTE => matches!(depth, 1 | 2 | 4 | 8),
            2 | 4 | 6 => matches!(depth, 8 | 16),
            _ => false,
        })?;
        ensure(compression == 0 && filter == 0 && interlace <= 1)?;
        Ok(Self { width, height, colour })
    }
}

/// A chunk whose type has been read, and so far `hashed`.
struct Chunk {
    kind: [u8; 4],
    length: u32,
    unread: u32,
    hash: crc32fast::Hasher,
}

impl Chunk {
    fn open<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<Self, S> {
        let length = cursor.u32(Order::Big)?;
        let kind: [u8; 4] = cursor.array()?;
        ensure(length <= MAX && kind.iter().all(u8::is_ascii_alphabetic))?;
        let mut hash = crc32fast::Hasher::new();
        hash.update(&kind);
        Ok(Self { kind, length, unread: length, hash })
    }

    /// Reads the next `N` bytes, which the caller knows the chunk to have.
    fn read<S: Source, const N: usize>(
        mut self,
        cursor: &mut Cursor<'_, S>,
    ) -> Inspected<(Self, [u8; N]), S> {
        let size = u32::try_from(N).map_err(|_| Refusal::Invalid)?;
        self.unread = self.unread.checked_sub(size).ok_or(Refusal::Invalid)?;
        let bytes = cursor.array()?;
        self.hash.update(&bytes);
        Ok((self, bytes))
    }

    /// Reads what is left of the chunk and compares its checksum.
    fn close<S: Source>(mut self, cursor: &mut Cursor<'_, S>) -> Inspected<(), S> {
        cursor.read_through(self.unread.into(), |piece| self.hash.update(piece))?;
        Ok(ensure(cursor.u32(Order::Big)? == self.hash.finalize())?)
    }
}

#[cfg(test)]
pub(crate) mod tests;
