//! The entry points of `worker/fuzz`, which is built with `--cfg fuzzing`. Each runs a single step on bytes.

use super::jpeg;

/// Decodes a JPEG as a whole, without the scans that a scaled decoding does not need, and with the project's own
/// decoder.
///
/// # Panics
/// If the pixels differ although the whole file decodes without an error.
pub fn trim(input: &[u8]) {
    jpeg::assert_no_pixel_changes(input, 64 << 20);
}
