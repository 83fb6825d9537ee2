//! The whole pipeline: variants within their size, or an error with a code and a sentence.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizinator_formats::{ImageLimits, Signature, detect};
use resizinator_shared::variant::Heights;
use resizinator_worker::pipeline::{self, RenderLimits};

fuzz_target!(|input: &[u8]| {
    // Small, so that a minute holds many files, and large enough for every step to have work.
    let limits = RenderLimits {
        image: ImageLimits { pixels: 1_000_000, frames: 20, ..ImageLimits::default() },
        decoder_memory: 64 << 20,
    };
    let heights = Heights { small: 8, medium: 24, max_aspect: 16 };
    let Signature::Image(format) = detect(input) else { return };
    match pipeline::render(format, input, &limits, heights) {
        Ok(variants) => {
            for (variant, height) in [(variants.small, heights.small), (variants.medium, heights.medium)] {
                assert!((1..=height).contains(&variant.height), "{} rows of {height}", variant.height);
                assert!((1..=heights.max_aspect * height).contains(&variant.width), "{} columns", variant.width);
                assert!(!variant.bytes.is_empty());
            }
        }
        Err(error) => assert!(!error.code().is_empty() && error.to_string().ends_with('.')),
    }
});
