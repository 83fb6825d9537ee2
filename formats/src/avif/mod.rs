//! AVIF: boxes, items and their properties.

pub(crate) mod strict;
