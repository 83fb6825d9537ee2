//! The strict reading of BMP: what it accepts, the lenient one reads with the same header.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizinator_formats::{Format, bmp};
use resizinator_formats_fuzz::strict;

fuzz_target!(|input: &[u8]| -> libfuzzer_sys::Corpus {
    strict(Format::Bmp, input, |file| bmp::read(file).map(|bmp| bmp.header()))
});
