//! GIF: blocks, frames and their sub-blocks.

pub(crate) mod strict;
