//! The structure of WebP files: chunks of a RIFF file, frames, and the headers of the bitstreams in them.
//!
//! - `chunks`, `layout` and `picture`: the grammar, which yields headers and byte ranges.
//! - `strict`: the reading that decides what is accepted at upload.
//! - `lenient` and `animation`: the reading that is used for decoding.

mod animation;
mod chunks;
mod layout;
mod lenient;
mod picture;
pub(crate) mod strict;
#[cfg(test)]
pub(crate) mod tests;

pub use animation::{Animation, Blending, Disposal, Frame, Frames};
pub use lenient::{Content, Picture, WebP, read};
pub use picture::Coding;
