//! GIF: blocks, frames and their sub-blocks.
//!
//! - `blocks` and `extensions`: the grammar, which yields the screen, the blocks and their byte ranges.
//! - `strict`: what is accepted at upload.
//! - `lenient`: what is decoded.

mod blocks;
mod extensions;
mod lenient;
pub(crate) mod strict;
#[cfg(test)]
pub(crate) mod tests;

pub use extensions::Disposal;
pub use lenient::{Frame, Frames, Gif, SubBlocks, read};
