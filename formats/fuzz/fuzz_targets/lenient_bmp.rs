//! The lenient reading of BMP: a header, and a palette that lies in a file that does not end early.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizinator_formats::{Format, bmp};
use resizinator_formats_fuzz::lenient;

fuzz_target!(|input: &[u8]| -> libfuzzer_sys::Corpus {
    lenient(Format::Bmp, input, |file| {
        let bmp = bmp::read(file)?;
        let palette = bmp.image.palette.as_ref();
        assert!(bmp.ended_early || palette.is_none_or(|palette| bmp.bytes(palette).is_some()));
        Ok(bmp.header())
    })
});
