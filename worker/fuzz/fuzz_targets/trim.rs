//! The scan trimmer: a progressive JPEG without the scans that nobody looks at has the same pixels. And our own decoder
//! of fractions: where it claims to have libjpeg-turbo's pixels, it has them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizinator_worker::pipeline;

fuzz_target!(|input: &[u8]| pipeline::fuzzing::trim(input));
