//! The strict reading of a PNG, which checks every chunk up to IEND with its checksum.

use super::chunk::{IDAT, IEND, IHDR, Opening, PLTE, SIGNATURE};
use super::image_header::{Colour, ImageHeader};
use crate::cursor::{Cursor, Order};
use crate::inspect::{Inspected, ensure};
use crate::refusal::Refusal;
use crate::source::Source;

/// Checks all chunks and returns the width and the height. The chunks of an animation are ignored, since only the
/// default image is rendered.
pub(crate) fn inspect<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<(u32, u32), S> {
    cursor.skip(SIGNATURE.len() as u64)?;
    let chunk = Chunk::open(cursor)?;
    ensure(chunk.opening == Opening { kind: IHDR, length: ImageHeader::LENGTH as u32 })?;
    let bytes = cursor.array()?;
    chunk.close(cursor, &bytes)?;
    let header = ImageHeader::parse(bytes).ok_or(Refusal::Invalid)?;

    let mut palette = false;
    let mut pixels = false;
    loop {
        let chunk = Chunk::open(cursor)?;
        let Opening { kind, length } = chunk.opening;
        match kind {
            IHDR => return Err(Refusal::Invalid.into()),
            PLTE if header.colour == Colour::Palette => {
                ensure(!palette && !pixels)?;
                ensure(matches!(length, 3..=768) && length % 3 == 0)?;
                palette = true;
            }
            // With other colours, a palette is only a suggestion.
            PLTE => {}
            IDAT => {
                ensure(palette || header.colour != Colour::Palette)?;
                pixels = true;
            }
            IEND => {
                chunk.close(cursor, &[])?;
                ensure(pixels)?;
                return Ok((header.width, header.height));
            }
            _ if chunk.opening.is_critical() => {
                return Err(Refusal::Feature("PNG with a critical chunk of an unknown type".into()).into());
            }
            _ => {}
        }
        chunk.close(cursor, &[])?;
    }
}

/// A chunk whose type has been read.
struct Chunk {
    opening: Opening,
    hash: crc32fast::Hasher,
}

impl Chunk {
    fn open<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<Self, S> {
        let opening = Opening::read(cursor)?;
        ensure(opening.is_possible())?;
        let mut hash = crc32fast::Hasher::new();
        hash.update(&opening.kind);
        Ok(Self { opening, hash })
    }

    /// Reads the rest of the chunk after the data `read` so far, and compares its checksum.
    fn close<S: Source>(mut self, cursor: &mut Cursor<'_, S>, read: &[u8]) -> Inspected<(), S> {
        self.hash.update(read);
        let left = u64::from(self.opening.length).saturating_sub(read.len() as u64);
        cursor.read_through(left, |piece| self.hash.update(piece))?;
        Ok(ensure(cursor.u32(Order::Big)? == self.hash.finalize())?)
    }
}

#[cfg(test)]
pub(crate) mod tests;
