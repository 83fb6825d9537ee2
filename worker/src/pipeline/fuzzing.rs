//! Doors for `worker/fuzz`, which is built with `--cfg fuzzing`: steps by themselves, on bytes.

use super::{RenderLimits, avif, gif, jpeg, png, tiff, webp};
use resizinator_formats::{Format, Signature, detect};

/// Reads the header, and holds it against the limits.
pub fn probe(input: &[u8]) {
    let limits = RenderLimits::default();
    let Signature::Image(format) = detect(input) else { return };
    match format {
        Format::Jpeg => drop(jpeg::read_header(input)),
        Format::Png => drop(png::open(input, &limits)),
        Format::Avif => drop(avif::open(input, &limits)),
        Format::Tiff => drop(tiff::open(input, &limits)),
        Format::WebP => drop(webp::open(input, &limits)),
        Format::Gif => drop(gif::open(input, &limits)),
        Format::Bmp => {}
    }
}

/// Decodes a JPEG whole, without the scans that a scaled decoding does not need, and by our own decoder.
///
/// # Panics
/// If the pixels differ although the whole decodes without a complaint.
pub fn trim(input: &[u8]) {
    jpeg::assert_no_pixel_changes(input, 64 << 20);
}
