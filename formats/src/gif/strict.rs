//! The strict reading of a GIF, which checks the blocks up to the trailer, or up to the end of the file if the trailer
//! is missing.

use super::blocks::{Block, Screen};
use crate::cursor::Cursor;
use crate::inspect::{Extent, Inspected, ensure};
use crate::limits::ImageLimits;
use crate::refusal::Refusal;
use crate::source::Source;

/// Checks the blocks and returns the size of the canvas and the number of frames.
///
/// It stops at one frame more than the limit. A file may end after any whole block, since browsers show such files. A
/// file that ends within a block is refused.
pub(crate) fn inspect<S: Source>(cursor: &mut Cursor<'_, S>, limits: &ImageLimits) -> Inspected<Extent, S> {
    let screen = Screen::read(cursor)?;
    let mut canvas = None;
    let mut frames: u32 = 0;
    while let Some(block) = Block::next(cursor)? {
        ensure(!block.is_cut())?;
        match block {
            Block::Extension(_) => {}
            Block::Image(image) => {
                ensure(image.has_valid_code_size())?;
                canvas.get_or_insert_with(|| screen.canvas(&image));
                frames = frames.saturating_add(1);
                if frames > limits.frames {
                    break;
                }
            }
            Block::Trailer => break,
            Block::Unknown => return Err(Refusal::Invalid.into()),
        }
    }
    let (width, height) = canvas.ok_or(Refusal::Invalid)?;
    Ok((width, height, frames))
}
