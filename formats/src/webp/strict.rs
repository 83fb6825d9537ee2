//! WebP: the RIFF container, its chunks, and the headers of the bitstreams in them.
//!
//! Source: RFC 9649.

use crate::cursor::{Cursor, Order};
use crate::inspect::{Extent, Inspected, ensure};
use crate::limits::ImageLimits;
use crate::refusal::Refusal;
use crate::source::Source;

const ANIMATION: u8 = 0x02;

/// Checks the chunks and gives the size of the canvas and the number of frames.
///
/// Stops at one frame more than the limit.
pub(crate) fn inspect<S: Source>(cursor: &mut Cursor<'_, S>, limits: &ImageLimits) -> Inspected<Extent, S> {
    cursor.skip(4)?;
    let size = u64::from(cursor.u32(Order::Little)?);
    let end = cursor.position() + size;
    ensure(end <= cursor.length())?;
    cursor.skip(4)?;

    let first = Chunk::open(cursor, end)?.ok_or(Refusal::Invalid)?;
    if let Some((width, height)) = bitstream(cursor, &first)? {
        return Ok((width, height, 1));
    }
    ensure(&first.kind == b"VP8X" && first.size >= 10)?;
    let [flags, ..]: [u8; 4] = cursor.array()?;
    let canvas = (u24(cursor)? + 1, u24(cursor)? + 1);
    cursor.go_to(first.next)?;

    let frames = if flags & ANIMATION == 0 {
        ensure(image_in(cursor, end)? == canvas)?;
        1
    } else {
        frames_in(cursor, end, canvas, limits)?
    };
    Ok((canvas.0, canvas.1, frames))
}

/// A chunk whose header has been read.
struct Chunk {
    kind: [u8; 4],
    size: u64,
    end: u64,
    /// Where the next one starts: chunks are padded to even sizes, the last one not by everybody
    next: u64,
}

impl Chunk {
    /// The next chunk of a container that ends at `end`. Fewer bytes than a header are no chunk.
    fn open<S: Source>(cursor: &mut Cursor<'_, S>, end: u64) -> Inspected<Option<Self>, S> {
        if end.saturating_sub(cursor.position()) < 8 {
            return Ok(None);
        }
        let kind = cursor.array()?;
        let size = u64::from(cursor.u32(Order::Little)?);
        let data_end = cursor.position() + size;
        ensure(data_end <= end)?;
        Ok(Some(Self { kind, size, end: data_end, next: end.min(data_end + size % 2) }))
    }
}

/// The size of the first bitstream among the chunks up to `end`.
fn image_in<S: Source>(cursor: &mut Cursor<'_, S>, end: u64) -> Inspected<(u32, u32), S> {
    while let Some(chunk) = Chunk::open(cursor, end)? {
        if let Some(size) = bitstream(cursor, &chunk)? {
            return Ok(size);
        }
        cursor.go_to(chunk.next)?;
    }
    Err(Refusal::Invalid.into())
}

/// Counts the frames up to `end`; each must lie on the canvas and hold an image of its size.
fn frames_in<S: Source>(
    cursor: &mut Cursor<'_, S>,
    end: u64,
    canvas: (u32, u32),
    limits: &ImageLimits,
) -> Inspected<u32, S> {
    let mut frames: u32 = 0;
    while let Some(chunk) = Chunk::open(cursor, end)? {
        if &chunk.kind == b"ANMF" {
            ensure(chunk.size >= 16)?;
            let (x, y) = (2 * u24(cursor)?, 2 * u24(cursor)?);
            let (width, height) = (u24(cursor)? + 1, u24(cursor)? + 1);
            ensure(x + width <= canvas.0 && y + height <= canvas.1)?;
            cursor.skip(4)?; // duration and flags
            ensure(image_in(cursor, chunk.end)? == (width, height))?;
            frames = frames.saturating_add(1);
            if frames > limits.frames {
                break;
            }
        }
        cursor.go_to(chunk.next)?;
    }
    ensure(frames > 0)?;
    Ok(frames)
}

/// The size that the header of a lossy or lossless bitstream states; `None` for other chunks.
fn bitstream<S: Source>(cursor: &mut Cursor<'_, S>, chunk: &Chunk) -> Inspected<Option<(u32, u32)>, S> {
    let size = match &chunk.kind {
        b"VP8 " => {
            ensure(chunk.size >= 10)?;
            let [tag, _, _, start @ ..]: [u8; 6] = cursor.array()?;
            ensure(tag & 1 == 0 && start == [0x9D, 0x01, 0x2A])?; // a key frame
            let width = cursor.u16(Order::Little)? & 0x3FFF;
            let height = cursor.u16(Order::Little)? & 0x3FFF;
            ensure(width > 0 && height > 0)?;
            (width.into(), height.into())
        }
        b"VP8L" => {
            ensure(chunk.size >= 5)?;
            ensure(cursor.byte()? == 0x2F)?;
            let bits = cursor.u32(Order::Little)?;
            ensure(bits >> 29 == 0)?; // the version
            ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
        }
        _ => return Ok(None),
    };
    Ok(Some(size))
}

fn u24<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<u32, S> {
    let [a, b, c] = cursor.array()?;
    Ok(u32::from_le_bytes([a, b, c, 0]))
}

#[cfg(test)]
pub(crate) mod tests;
