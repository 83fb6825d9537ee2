//! The layout of a WebP: a single picture, or an extended header and the chunks that it announces.
//!
//! Source: RFC 9649, §§ 2.5 to 2.7.

use std::ops::Range;

use super::chunks::{Chunk, Read, u24};
use super::picture::PictureChunks;
use crate::cursor::Cursor;
use crate::source::Source;

const ANIMATION_FLAG: u8 = 0x02;
const ALPHA_FLAG: u8 = 0x10;

const REPLACE_FLAG: u8 = 0x02;
const DISPOSE_FLAG: u8 = 0x01;

/// The layout of a file, which its first chunk determines.
#[derive(Clone, Debug)]
pub(crate) enum Layout {
    /// A simple file, in which the first chunk is the bitstream.
    Simple(PictureChunks),
    /// An extended file, whose later chunks are a picture or the frames of an animation.
    Extended(ExtendedHeader),
}

impl Layout {
    /// Reads the first chunk. Returns `None` if a file cannot start with it.
    pub(crate) fn read<S: Source>(cursor: &mut Cursor<'_, S>) -> Read<Option<Self>, S> {
        let Some(chunk) = Chunk::next(cursor)? else { return Ok(None) };
        Ok(match &chunk.kind {
            b"VP8 " | b"VP8L" => Some(Self::Simple(PictureChunks::of(cursor, None, &chunk)?)),
            b"VP8X" => ExtendedHeader::read(cursor, &chunk)?.map(Self::Extended),
            _ => None,
        })
    }
}

/// The header of an extended file, the `VP8X` chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExtendedHeader {
    /// Whether the later chunks are those of an animation. If so, a picture beside the frames is ignored; if not,
    /// frames are ignored.
    pub(crate) animated: bool,
    pub(crate) alpha: bool,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl ExtendedHeader {
    /// Reads the header. Returns `None` if the chunk is too short.
    fn read<S: Source>(cursor: &mut Cursor<'_, S>, chunk: &Chunk) -> Read<Option<Self>, S> {
        let data = &mut cursor.within(chunk.data.clone());
        if data.remaining() < 10 {
            return Ok(None);
        }
        let [flags, _, _, _] = data.array()?;
        let (width, height) = (u24(data)? + 1, u24(data)? + 1);
        let (animated, alpha) = (flags & ANIMATION_FLAG != 0, flags & ALPHA_FLAG != 0);
        Ok(Some(Self { animated, alpha, width, height }))
    }
}

/// The header of a frame, which is the start of an `ANMF` chunk.
#[derive(Clone, Debug)]
pub(crate) struct FrameHeader {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) delay_ms: u32,
    pub(crate) blend: bool,
    pub(crate) dispose: bool,
    /// The range of the chunks of the frame's picture.
    pub(crate) chunks: Range<u64>,
}

impl FrameHeader {
    /// Reads the header. Returns `None` if the chunk is too short.
    pub(crate) fn read<S: Source>(cursor: &mut Cursor<'_, S>, chunk: &Chunk) -> Read<Option<Self>, S> {
        let data = &mut cursor.within(chunk.data.clone());
        if data.remaining() < 16 {
            return Ok(None);
        }
        let (left, top) = (2 * u24(data)?, 2 * u24(data)?);
        let (width, height) = (u24(data)? + 1, u24(data)? + 1);
        let delay_ms = u24(data)?;
        let flags = data.byte()?;
        Ok(Some(Self {
            left,
            top,
            width,
            height,
            delay_ms,
            blend: flags & REPLACE_FLAG == 0,
            dispose: flags & DISPOSE_FLAG != 0,
            chunks: data.position()..chunk.data.end,
        }))
    }

    /// Whether the frame lies completely on the canvas.
    pub(crate) fn is_within(&self, canvas: &ExtendedHeader) -> bool {
        self.left + self.width <= canvas.width && self.top + self.height <= canvas.height
    }
}
