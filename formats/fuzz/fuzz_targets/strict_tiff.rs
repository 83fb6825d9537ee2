//! The strict reading of TIFF: what it accepts, the lenient one reads with the same header.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizinator_formats::{Format, tiff};
use resizinator_formats_fuzz::strict;

fuzz_target!(|input: &[u8]| -> libfuzzer_sys::Corpus {
    strict(Format::Tiff, input, |file| tiff::read(file).map(|tiff| tiff.header()))
});
