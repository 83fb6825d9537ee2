//! GIF: still and animated, which here is the same.
//!
//! `resizinator_formats` reads the blocks, so that a file's frames are counted without a pixel and what came of a
//! damaged one can be shown; `weezl` undoes the compression and `gif` writes the files.

mod animation;
mod exact;
mod lzw;
mod palettes;
mod quantize;
mod reduced;
#[cfg(test)]
mod tests;
mod writer;

pub(super) use animation::Animation;
pub(super) use writer::Writer;

use super::{
    RenderError, RenderLimits,
    animation::{self as moving, FrameWriter},
    size::Size,
};
use image::RgbaImage;
use resizinator_formats::{
    Format, LoopCount,
    gif::{self, Gif},
};

/// Reads the blocks of a file, and holds what they say against the limits.
pub(super) fn open<'a>(file: &'a [u8], limits: &RenderLimits) -> Result<Gif<'a>, RenderError> {
    let gif = gif::read(file).map_err(|reason| RenderError::unreadable(Format::Gif, reason))?;
    // A byte a pixel for the frame's indices, and four to restore what it covers.
    moving::check(&gif.header(), gif.largest_frame.saturating_mul(5), limits)?;
    Ok(gif)
}

/// Writes an image that does not move.
pub(super) fn encode_still(pixels: RgbaImage) -> Result<Vec<u8>, RenderError> {
    let size = Size { width: pixels.width(), height: pixels.height() };
    let mut writer = Box::new(Writer::new(size, LoopCount::Times(1)));
    writer.add(pixels, 0)?;
    writer.finish()
}
