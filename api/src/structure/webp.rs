//! WebP: the RIFF container, its chunks, and the headers of the bitstreams in them.
//!
//! Source: RFC 9649.

use std::io::{BufRead, Seek};

use super::source::{Order, Source};
use super::{Extent, Limits, StructureError, ensure};

const ANIMATION: u8 = 0x02;

/// Checks the chunks and gives the size of the canvas and the number of frames.
///
/// Stops at one frame more than the limit.
pub(super) fn inspect<R: BufRead + Seek>(
    source: &mut Source<'_, R>,
    limits: &Limits,
) -> Result<Extent, StructureError> {
    source.skip(4)?;
    let size = u64::from(source.u32(Order::Little)?);
    let end = source.position() + size;
    ensure(end <= source.length())?;
    source.skip(4)?;

    let first = Chunk::open(source, end)?.ok_or(StructureError::Invalid)?;
    if let Some((width, height)) = bitstream(source, &first)? {
        return Ok((width, height, 1));
    }
    ensure(&first.kind == b"VP8X" && first.size >= 10)?;
    let [flags, ..]: [u8; 4] = source.array()?;
    let canvas = (u24(source)? + 1, u24(source)? + 1);
    source.go_to(first.next)?;

    let frames = if flags & ANIMATION == 0 {
        ensure(image_in(source, end)? == canvas)?;
        1
    } else {
        frames_in(source, end, canvas, limits)?
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
    fn open<R: BufRead + Seek>(source: &mut Source<'_, R>, end: u64) -> Result<Option<Self>, StructureError> {
        if end.saturating_sub(source.position()) < 8 {
            return Ok(None);
        }
        let kind = source.array()?;
        let size = u64::from(source.u32(Order::Little)?);
        let data_end = source.position() + size;
        ensure(data_end <= end)?;
        Ok(Some(Self { kind, size, end: data_end, next: end.min(data_end + size % 2) }))
    }
}

/// The size of the first bitstream among the chunks up to `end`.
fn image_in<R: BufRead + Seek>(source: &mut Source<'_, R>, end: u64) -> Result<(u32, u32), StructureError> {
    while let Some(chunk) = Chunk::open(source, end)? {
        if let Some(size) = bitstream(source, &chunk)? {
            return Ok(size);
        }
        source.go_to(chunk.next)?;
    }
    Err(StructureError::Invalid)
}

/// Counts the frames up to `end`; each must lie on the canvas and hold an image of its size.
fn frames_in<R: BufRead + Seek>(
    source: &mut Source<'_, R>,
    end: u64,
    canvas: (u32, u32),
    limits: &Limits,
) -> Result<u32, StructureError> {
    let mut frames: u32 = 0;
    while let Some(chunk) = Chunk::open(source, end)? {
        if &chunk.kind == b"ANMF" {
            ensure(chunk.size >= 16)?;
            let (x, y) = (2 * u24(source)?, 2 * u24(source)?);
            let (width, height) = (u24(source)? + 1, u24(source)? + 1);
            ensure(x + width <= canvas.0 && y + height <= canvas.1)?;
            source.skip(4)?; // duration and flags
            ensure(image_in(source, chunk.end)? == (width, height))?;
            frames = frames.saturating_add(1);
            if frames > limits.frames {
                break;
            }
        }
        source.go_to(chunk.next)?;
    }
    ensure(frames > 0)?;
    Ok(frames)
}

/// The size that the header of a lossy or lossless bitstream states; `None` for other chunks.
fn bitstream<R: BufRead + Seek>(
    source: &mut Source<'_, R>,
    chunk: &Chunk,
) -> Result<Option<(u32, u32)>, StructureError> {
    let size = match &chunk.kind {
        b"VP8 " => {
            ensure(chunk.size >= 10)?;
            let [tag, _, _, start @ ..]: [u8; 6] = source.array()?;
            ensure(tag & 1 == 0 && start == [0x9D, 0x01, 0x2A])?; // a key frame
            let width = source.u16(Order::Little)? & 0x3FFF;
            let height = source.u16(Order::Little)? & 0x3FFF;
            ensure(width > 0 && height > 0)?;
            (width.into(), height.into())
        }
        b"VP8L" => {
            ensure(chunk.size >= 5)?;
            ensure(source.byte()? == 0x2F)?;
            let bits = source.u32(Order::Little)?;
            ensure(bits >> 29 == 0)?; // the version
            ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
        }
        _ => return Ok(None),
    };
    Ok(Some(size))
}

fn u24<R: BufRead + Seek>(source: &mut Source<'_, R>) -> Result<u32, StructureError> {
    let [a, b, c] = source.array()?;
    Ok(u32::from_le_bytes([a, b, c, 0]))
}

#[cfg(test)]
pub(super) mod tests;
