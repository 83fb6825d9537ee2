//! BMP: the headers of the file and of the image.

pub(crate) mod strict;
