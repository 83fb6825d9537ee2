//! The strict reading of PNG files.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use resizinator_formats::{Format, png};

fuzz_target!(|input: &[u8]| -> Corpus {
    resizinator_formats_fuzz::strict(Format::Png, input, |file| Ok(png::read(file)?.header()))
});
