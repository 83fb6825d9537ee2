//! The lenient reading of AVIF files.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use resizinator_formats::{Format, avif};

fuzz_target!(|input: &[u8]| -> Corpus {
    resizinator_formats_fuzz::lenient(Format::Avif, input, |file| Ok(avif::read(file)?.header()))
});
