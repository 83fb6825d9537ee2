//! PNG: chunks.

pub(crate) mod strict;
