//! TIFF and BigTIFF: the first image's directory, its strips or tiles, and the chain of directories.
//!
//! `layout` reads the file's header; `directory` the entries that have a `tag` of interest, each an `entry`; `image`
//! what the first directory says of its image, and `pieces` where its strips or tiles are. `features` is the list of
//! what is decoded: all else is refused by name. `strict` and `lenient` are the two policies that read with these.
//!
//! Source: TIFF 6.0; its technical notes 1 to 3; the BigTIFF proposal for the wide layout.

mod directory;
mod entry;
mod features;
mod image;
mod layout;
mod lenient;
mod pieces;
pub(crate) mod strict;
mod tag;
#[cfg(test)]
pub(crate) mod tests;

pub use entry::{Entry, Kind};
pub use features::{Compression, Depth, Photometric, Predictor, SampleFormat};
pub use image::{ExtraSample, Image};
pub use layout::Layout;
pub use lenient::{Tiff, read};
pub use pieces::Pieces;
