//! Doors for `worker/fuzz`, which is built with `--cfg fuzzing`: steps by themselves, on bytes.

use super::{Limits, avif, gif, jpeg, png, probe, tiff, webp};
use resizinator_formats::Format;

/// Reads the header, and holds it against the limits.
pub fn probe(input: &[u8]) {
    let limits = Limits::default();
    match probe::format(input) {
        Ok(Format::Jpeg) => drop(jpeg::read_header(input)),
        Ok(Format::Png) => drop(png::open(input, &limits)),
        Ok(Format::Avif) => drop(avif::open(input, &limits)),
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

/// Decodes a JPEG whole, without the scans that a scaled decoding does not need, and by our own decoder.
///
/// # Panics
/// If the pixels differ although the whole decodes without a complaint.
pub fn trim(input: &[u8]) {
    jpeg::assert_no_pixel_changes(input, 64 << 20);
}
