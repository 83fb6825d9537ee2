//! The structure of BMP files: the file header, the image header, the palette, and the pixels.
//!
//! `header` reads the headers; `strict` and `lenient` are the two policies that use it.
//!
//! Source: Microsoft, "Bitmap Header Types"; Jason Summers' BMP Suite for variants that are not in it.

mod header;
mod lenient;
mod masks;
pub(crate) mod strict;
#[cfg(test)]
pub(crate) mod tests;

pub use header::{Coding, ImageHeader};
pub use lenient::{Bmp, read};
