//! The structure of AVIF files: boxes, items with their properties and positions, and the headers of AV1 data.
//!
//! [`read`] is the lenient reading, which the worker uses for decoding, and `strict` is the reading at upload. Both use
//! the same grammar, [`Avif`]. They only differ in how they treat a box that does not fit (`boxes::Tolerance`).

mod bits;
mod boxes;
mod coding;
mod colours;
mod fault;
mod feature;
mod geometry;
mod grid;
mod image;
mod items;
mod lenient;
mod picture;
mod places;
mod property;
mod references;
mod sequence;
pub(crate) mod strict;
#[cfg(test)]
pub(crate) mod tests;
mod tile;

pub use colours::{Matrix, Nclx};
pub use feature::Feature;
pub use geometry::{Crop, Layout, Size};
pub use image::{Avif, Mirror};
pub use lenient::read;
pub use picture::Picture;
pub use sequence::SequenceHeader;
pub use tile::{Tile, bytes};
