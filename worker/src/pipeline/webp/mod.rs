//! WebP: lossy and lossless, with alpha, still and animated.
//!
//! The container is read and written here, in safe code; libwebp sees one picture at a time. Its decoder takes
//! half the time of the pure-Rust one, and there is no other encoder for lossy files.

mod animation;
mod container;
mod decode;
mod encode;
mod libwebp;
mod writer;

pub(super) use animation::Animation;
pub(super) use container::Container;
pub(super) use decode::{still as decode_still, unreadable};
pub(super) use encode::still as encode_still;
pub(super) use writer::Writer;
