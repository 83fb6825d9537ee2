//! The header and the limits: whatever the bytes are, the answer is a probe or an error.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizinator_worker::pipeline;

fuzz_target!(|input: &[u8]| pipeline::fuzzing::probe(input));
