//! Doors for `worker/fuzz`, which is built with `--cfg fuzzing`: steps by themselves, on bytes.

use super::jpeg;

/// Decodes a JPEG whole, without the scans that a scaled decoding does not need, and by our own decoder.
///
/// # Panics
/// If the pixels differ although the whole decodes without a complaint.
pub fn trim(input: &[u8]) {
    jpeg::assert_no_pixel_changes(input, 64 << 20);
}
