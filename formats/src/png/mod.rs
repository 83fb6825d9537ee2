//! The structure of PNG files: chunks and the image header. Of an animated file (APNG), only the default image is read.
//!
//! Source: W3C PNG (third edition).
//!
//! - `chunk`: the parts of a file, each with its type and length.
//! - `image_header`: the size, the kind of colours and the depth.
//! - `strict` and `lenient`: the two policies.

mod chunk;
mod image_header;
mod lenient;
pub(crate) mod strict;
#[cfg(test)]
mod tests;

pub use chunk::{Chunk, Chunks};
pub use image_header::{Colour, ImageHeader};
pub use lenient::{Png, read};
