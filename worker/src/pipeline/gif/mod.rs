//! The decoder and the encoder of GIF files. Still and animated ones are handled the same way.
//!
//! `resizinator_formats` reads the blocks, so that frames are counted without decoding a pixel, and the intact part
//! of a damaged file can be shown. `weezl` decompresses the pixels, and `gif` writes the files.

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

/// Reads the blocks of a file, and checks them against the limits.
pub(super) fn open<'a>(file: &'a [u8], limits: &RenderLimits) -> Result<Gif<'a>, RenderError> {
    let gif = gif::read(file).map_err(|reason| RenderError::unreadable(Format::Gif, reason))?;
    // One byte per pixel for the frame's indices, and four to restore the pixels that it covers.
    moving::check(&gif.header(), gif.largest_frame.saturating_mul(5), limits)?;
    Ok(gif)
}

/// Encodes a still image.
pub(super) fn encode_still(pixels: RgbaImage) -> Result<Vec<u8>, RenderError> {
    let size = Size { width: pixels.width(), height: pixels.height() };
    let mut writer = Box::new(Writer::new(size, LoopCount::Times(1)));
    writer.add(pixels, 0)?;
    writer.finish()
}
