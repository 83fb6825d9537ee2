//! The decoder and the encoder of WebP files: lossy and lossless, with alpha, still and animated.
//!
//! `resizinator_formats` reads the container, and this module writes the container of an animation. libwebp handles one
//! picture at a time. Its decoder takes half the time of the pure-Rust one, and there is no other encoder for lossy
//! files.

mod animation;
mod coding;
mod decode;
mod encode;
mod libwebp;
mod writer;

pub(super) use animation::Animation;
pub(super) use coding::Coding;
pub(super) use decode::{open, still as decode_still};
pub(super) use encode::still as encode_still;
pub(super) use writer::Writer;
