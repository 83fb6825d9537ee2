//! The frames of an animated WebP.

use std::ops::Range;

use super::chunks::{Chunk, Read};
use super::layout::FrameHeader;
use super::lenient::{Picture, there};
use super::picture::{Coding, PictureChunks};
use crate::cursor::{Cursor, Order};
use crate::loop_count::LoopCount;
use crate::source::Source;
use crate::unreadable::Unreadable;

/// An animation: its loop count and its frames.
#[derive(Clone, Copy, Debug)]
pub struct Animation<'a> {
    /// How many times the animation is shown.
    pub loop_count: LoopCount,
    /// The number of frames, including those that are cut or cannot be read. It is never 0.
    pub frames: u32,
    /// The number of pixels of the largest frame, which may be larger than the canvas.
    pub largest_frame: u64,
    file: &'a [u8],
    /// The offset of the chunks after the extended header.
    start: u64,
    /// The offset of the end of the chunks.
    end: u64,
}

impl<'a> Animation<'a> {
    /// Reads the chunks after the extended header, which are in `range`. Returns the animation and whether all its
    /// frames are lossless, or `None` if there is no frame.
    pub(super) fn survey<S: Source>(
        cursor: &mut Cursor<'_, S>,
        file: &'a [u8],
        range: Range<u64>,
    ) -> Read<Option<(Self, bool)>, S> {
        let Range { start, end } = range;
        let mut found =
            Self { loop_count: LoopCount::Forever, frames: 0, largest_frame: 0, file, start, end };
        let mut lossless = true;
        while let Some(chunk) = Chunk::next(cursor)? {
            match &chunk.kind {
                b"ANIM" => found.loop_count = loop_count(cursor, &chunk)?,
                b"ANMF" => {
                    found.frames = found.frames.saturating_add(1);
                    if let Some(frame) = FrameHeader::read(cursor, &chunk)? {
                        let pixels = u64::from(frame.width) * u64::from(frame.height);
                        found.largest_frame = found.largest_frame.max(pixels);
                        // A picture that cannot be read does not decide whether the animation is lossless.
                        let picture = PictureChunks::find(&mut cursor.within(frame.chunks))?;
                        let coding = picture.and_then(|picture| picture.bitstream).map(|found| found.coding);
                        lossless &= coding != Some(Coding::Lossy);
                    }
                }
                _ => {}
            }
        }
        Ok((found.frames > 0).then_some((found, lossless)))
    }

    /// The frames in the order in which they are shown. The chunks are read again, so that no list of them is kept.
    #[must_use]
    pub fn frames(&self) -> Frames<'a> {
        Frames { file: self.file, range: self.start..self.end }
    }
}

/// Reads how many times the animation is shown from the `ANIM` chunk (RFC 9649, § 2.7.1.1).
fn loop_count<S: Source>(cursor: &mut Cursor<'_, S>, chunk: &Chunk) -> Read<LoopCount, S> {
    let data = &mut cursor.within(chunk.data.clone());
    if data.remaining() < 6 {
        return Ok(LoopCount::Forever);
    }
    let _background: [u8; 4] = data.array()?;
    Ok(match data.u16(Order::Little)? {
        0 => LoopCount::Forever,
        times => LoopCount::Times(times.into()),
    })
}

/// A frame of an [`Animation`].
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The distance from the canvas's left edge, in pixels.
    pub left: u32,
    /// The distance from the canvas's top edge, in pixels.
    pub top: u32,
    /// This side of the frame in pixels. The frame may reach beyond the canvas.
    pub width: u32,
    /// This side of the frame in pixels. The frame may reach beyond the canvas.
    pub height: u32,
    /// How long the frame is shown, in milliseconds.
    pub delay_ms: u32,
    /// How the frame is drawn.
    pub blending: Blending,
    /// What happens to the frame before the next one is drawn.
    pub disposal: Disposal,
    /// The picture of the frame, which may have another size than the frame.
    pub picture: Picture<'a>,
}

/// How a frame is drawn onto the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blending {
    /// The pixels are blended with those of the canvas according to their alpha.
    Blend,
    /// The pixels, including their alpha, replace those of the canvas.
    Replace,
}

/// What happens to the area of a frame before the next frame is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposal {
    /// The frame stays.
    Keep,
    /// The rectangle of the frame becomes transparent, since viewers do not paint the background colour.
    Background,
}

/// An iterator over the frames of an [`Animation`]. It yields an error for a frame that cannot be read.
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    file: &'a [u8],
    range: Range<u64>,
}

impl<'a> Frames<'a> {
    fn next_frame(&mut self) -> Result<Option<Frame<'a>>, Unreadable> {
        let mut source = self.file;
        let mut cursor = Cursor::new(&mut source);
        let chunks = &mut cursor.within(self.range.clone());
        loop {
            let Some(chunk) = there(Chunk::next(chunks))? else {
                self.range.start = self.range.end;
                return Ok(None);
            };
            if &chunk.kind == b"ANMF" {
                self.range.start = chunk.range.end;
                return self.frame(chunks, &chunk).map(Some);
            }
        }
    }

    fn frame(&self, cursor: &mut Cursor<'_, &[u8]>, chunk: &Chunk) -> Result<Frame<'a>, Unreadable> {
        let lacks = |what| if chunk.is_cut() { Unreadable::EndedEarly } else { Unreadable::Damaged(what) };
        let header = there(FrameHeader::read(cursor, chunk))?
            .ok_or_else(|| lacks("the header of a frame is too short"))?;
        let picture = there(PictureChunks::find(&mut cursor.within(header.chunks)))?
            .ok_or_else(|| lacks("a frame has no picture"))?;
        if chunk.is_cut() {
            return Err(Unreadable::EndedEarly);
        }
        Ok(Frame {
            left: header.left,
            top: header.top,
            width: header.width,
            height: header.height,
            delay_ms: header.delay_ms,
            blending: if header.blend { Blending::Blend } else { Blending::Replace },
            disposal: if header.dispose { Disposal::Background } else { Disposal::Keep },
            picture: Picture::of(self.file, &picture)?,
        })
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_frame().transpose()
    }
}
