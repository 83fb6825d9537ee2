//! The lenient reading of TIFF: a header, and values that can be looked up whatever their places are.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizinator_formats::{Format, tiff};
use resizinator_formats_fuzz::lenient;

fuzz_target!(|input: &[u8]| -> libfuzzer_sys::Corpus {
    lenient(Format::Tiff, input, |file| {
        let tiff = tiff::read(file)?;
        let pieces = &tiff.image.pieces;
        assert!(u64::from(pieces.across) * u64::from(pieces.width) >= u64::from(tiff.image.width));
        assert!(u64::from(pieces.down) * u64::from(pieces.height) >= u64::from(tiff.image.height));
        assert!(tiff.image.samples >= tiff.image.photometric.samples());
        assert_eq!(tiff.values(&pieces.offsets).len() as u64, pieces.offsets.value.end - pieces.offsets.value.start);
        Ok(tiff.header())
    })
});
