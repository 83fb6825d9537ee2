//! WebP: chunks of a RIFF file, frames and the headers of the bitstreams in them.

pub(crate) mod strict;
