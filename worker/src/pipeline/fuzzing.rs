//! Doors for `worker/fuzz`, which is built with `--cfg fuzzing`: steps by themselves, on bytes.

use super::{Limits, gif, jpeg, png, probe, tiff, webp};
use resizinator_shared::image::Format;

/// Reads the header, and holds it against the limits.
pub fn probe(input: &[u8]) {
    let limits = Limits::default();
    match probe::format(input) {
        Ok(Format::Jpeg) => drop(jpeg::read_header(input)),
        Ok(Format::Png) => drop(png::open(input, &limits)),
        Ok(Format::Tiff) => drop(tiff::open(input, &limits)),
        Ok(Format::WebP) => {
            if let Some(container) = webp::Container::read(input) {
                let _ = container.claim().check(&limits);
            }
        }
        Ok(Format::Gif) => {
            if let Some(container) = gif::Container::read(input) {
                let _ = container.claim().check(&limits);
            }
        }
        Ok(Format::Bmp) | Err(_) => {}
    }
}

/// Leaves out of a JPEG the scans that a scaled decoding does not need, and decodes what is left and the whole.
///
/// # Panics
/// If the pixels differ although the whole decodes without a complaint.
pub fn trim(input: &[u8]) {
    jpeg::assert_trimming_changes_no_pixel(input, 64 << 20);
}
