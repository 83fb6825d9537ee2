//! JPEG: markers, segments and scans.

pub(crate) mod strict;
