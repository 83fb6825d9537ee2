//! The strict reading of a WebP, which checks that every size is correct and that every picture has its announced size.

use super::chunks::{Chunk, Riff};
use super::layout::{ExtendedHeader, FrameHeader, Layout};
use super::picture::PictureChunks;
use crate::cursor::Cursor;
use crate::inspect::{Extent, Inspected, ensure};
use crate::limits::ImageLimits;
use crate::refusal::Refusal;
use crate::source::Source;

/// Checks the chunks and returns the size of the canvas and the number of frames.
///
/// It stops at the picture of a still image, and at one frame more than the limit.
pub(crate) fn inspect<S: Source>(cursor: &mut Cursor<'_, S>, limits: &ImageLimits) -> Inspected<Extent, S> {
    let riff = Riff::read(cursor)?.ok_or(Refusal::Invalid)?;
    ensure(!riff.cut)?;
    let chunks = &mut cursor.within(riff.chunks);
    match Layout::read(chunks)?.ok_or(Refusal::Invalid)? {
        Layout::Simple(picture) => {
            let (width, height) = size(&picture)?;
            Ok((width, height, 1))
        }
        Layout::Extended(header) => {
            let frames = if header.animated {
                frames(chunks, &header, limits)?
            } else {
                picture(chunks, (header.width, header.height))?;
                1
            };
            Ok((header.width, header.height, frames))
        }
    }
}

/// Counts the frames. Each must lie on the canvas and contain a picture of its size.
fn frames<S: Source>(
    cursor: &mut Cursor<'_, S>,
    canvas: &ExtendedHeader,
    limits: &ImageLimits,
) -> Inspected<u32, S> {
    let mut frames: u32 = 0;
    while let Some(chunk) = Chunk::next(cursor)? {
        ensure(!chunk.is_cut())?;
        if &chunk.kind == b"ANMF" {
            let frame = FrameHeader::read(cursor, &chunk)?.ok_or(Refusal::Invalid)?;
            ensure(frame.is_within(canvas))?;
            picture(&mut cursor.within(frame.chunks), (frame.width, frame.height))?;
            frames = frames.saturating_add(1);
            if frames > limits.frames {
                break;
            }
        }
    }
    ensure(frames > 0)?;
    Ok(frames)
}

/// Checks that the first picture among the next chunks has the announced size.
fn picture<S: Source>(cursor: &mut Cursor<'_, S>, announced: (u32, u32)) -> Inspected<(), S> {
    let picture = PictureChunks::find(cursor)?.ok_or(Refusal::Invalid)?;
    Ok(ensure(size(&picture)? == announced)?)
}

/// The size of a picture, if it can be decoded according to its headers.
fn size(picture: &PictureChunks) -> Result<(u32, u32), Refusal> {
    let bitstream = picture.bitstream.ok_or(Refusal::Invalid)?;
    ensure(!picture.cut)?;
    ensure(picture.alpha.is_none_or(|alpha| alpha.is_decodable(&bitstream)))?;
    Ok((bitstream.width, bitstream.height))
}
