//! GIF: still and animated, which here is the same.
//!
//! The blocks are read here, so that a file's frames are counted without a pixel and what came of a damaged
//! one can be shown; `weezl` undoes the compression and `gif` writes the files.

mod animation;
mod container;
mod exact;
mod palettes;
mod quantize;
mod reduced;
#[cfg(test)]
mod tests;
mod writer;

pub(super) use animation::{Animation, unreadable};
pub(super) use container::Container;
pub(super) use writer::Writer;

use super::{
    RenderError,
    animation::{FrameWriter, Plays},
    size::Size,
};
use image::RgbaImage;

/// Writes an image that does not move.
pub(super) fn encode_still(pixels: RgbaImage) -> Result<Vec<u8>, RenderError> {
    let size = Size { width: pixels.width(), height: pixels.height() };
    let mut writer = Box::new(Writer::new(size, Plays::Times(1)));
    writer.add(pixels, 0)?;
    writer.finish()
}
