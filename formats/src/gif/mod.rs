//! The structure of GIF files: blocks, frames and their sub-blocks.
//!
//! - `blocks` and `extensions`: the grammar, which yields the screen, the blocks and their byte ranges.
//! - `strict`: the reading that decides what is accepted at upload.
//! - `lenient`: the reading that is used for decoding.

mod blocks;
mod extensions;
mod lenient;
pub(crate) mod strict;
#[cfg(test)]
pub(crate) mod tests;

pub use extensions::Disposal;
pub use lenient::{Frame, Frames, Gif, SubBlocks, read};
