//! PNG and APNG: every chunk up to IEND, with its checksum.
//!
//! Source: W3C PNG (third edition), §§ 5 and 11.

use std::io::{BufRead, Seek};

use super::source::{Order, Source};
use super::{Extent, StructureError, ensure};

const SIGNATURE: u64 = 8;
/// PNG numbers have 31 bits.
const MAX: u32 = i32::MAX as u32;
const PALETTE: u8 = 3;

/// Checks all chunks and gives width, height and the frames that an `acTL` announces.
pub(super) fn inspect<R: BufRead + Seek>(source: &mut Source<'_, R>) -> Result<Extent, StructureError> {
    source.skip(SIGNATURE)?;
    let chunk = Chunk::open(source)?;
    ensure(&chunk.kind == b"IHDR" && chunk.length == 13)?;
    let (header, bytes) = chunk.read::<R, 13>(source)?;
    header.close(source)?;
    let header = Header::parse(bytes)?;

    let mut frames = None;
    let mut palette = false;
    let mut data = false;
    loop {
        let mut chunk = Chunk::open(source)?;
        match &chunk.kind {
            b"IHDR" => return Err(StructureError::Invalid),
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
                let (rest, [a, b, c, d, ..]) = chunk.read::<R, 8>(source)?;
                frames = Some(u32::from_be_bytes([a, b, c, d]));
                chunk = rest;
            }
            b"IEND" => {
                chunk.close(source)?;
                ensure(data)?;
                return Ok((header.width, header.height, frames.unwrap_or(1).max(1)));
            }
            _ => {}
        }
        chunk.close(source)?;
    }
}

struct Header {
    width: u32,
    height: u32,
    colour: u8,
}

impl Header {
    fn parse(bytes: [u8; 13]) -> Result<Self, StructureError> {
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
    fn open<R: BufRead + Seek>(source: &mut Source<'_, R>) -> Result<Self, StructureError> {
        let length = source.u32(Order::Big)?;
        let kind: [u8; 4] = source.array()?;
        ensure(length <= MAX && kind.iter().all(u8::is_ascii_alphabetic))?;
        let mut hash = crc32fast::Hasher::new();
        hash.update(&kind);
        Ok(Self { kind, length, unread: length, hash })
    }

    /// Reads the next `N` bytes, which the caller knows the chunk to have.
    fn read<R: BufRead + Seek, const N: usize>(
        mut self,
        source: &mut Source<'_, R>,
    ) -> Result<(Self, [u8; N]), StructureError> {
        let size = u32::try_from(N).map_err(|_| StructureError::Invalid)?;
        self.unread = self.unread.checked_sub(size).ok_or(StructureError::Invalid)?;
        let bytes = source.array()?;
        self.hash.update(&bytes);
        Ok((self, bytes))
    }

    /// Reads what is left of the chunk and compares its checksum.
    fn close<R: BufRead + Seek>(mut self, source: &mut Source<'_, R>) -> Result<(), StructureError> {
        source.read_through(self.unread.into(), |piece| self.hash.update(piece))?;
        ensure(source.u32(Order::Big)? == self.hash.finalize())
    }
}

#[cfg(test)]
pub(super) mod tests;
