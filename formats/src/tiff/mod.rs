//! The structure of TIFF and BigTIFF files: the first image's directory, its strips or tiles, and the chain of
//! directories.
//!
//! `layout` reads the file header, and `directory` reads the entries with a known `tag`, each of which is an `entry`.
//! `image` reads the description of the first image, and `pieces` the positions of its strips or tiles. `features`
//! lists what is supported; everything else is refused with its name. `strict` and `lenient` are the two policies.
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
