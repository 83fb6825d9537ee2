//! BMP: the headers of the file and of the image, the palette, and room for the pixels they promise.
//!
//! `header` reads them; `strict` and `lenient` are the two policies that read with it.
//!
//! Source: Microsoft, "Bitmap Header Types"; Jason Summers' BMP Suite for what exists besides.

mod header;
mod lenient;
mod masks;
pub(crate) mod strict;
#[cfg(test)]
pub(crate) mod tests;

pub use header::{Coding, ImageHeader};
pub use lenient::{Bmp, read};
