//! The strict reading of JPEG files.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use resizinator_formats::{Format, jpeg};

fuzz_target!(|input: &[u8]| -> Corpus {
    resizinator_formats_fuzz::strict(Format::Jpeg, input, |file| Ok(jpeg::read(file)?.header()))
});
