//! TIFF and BigTIFF: directories, strips and tiles.

pub(crate) mod strict;
