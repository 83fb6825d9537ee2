//! From the bytes of an original to the bytes of its variants.
//!
//! A pure function: it does no I/O and knows no job. The steps, in order:
//!
//! 1. `probe`: which format is it, and what does its header claim?
//! 2. `limits`: are we willing to decode that?
//! 3. `decode`: the pixels of the first frame.
//! 4. `size`: how large does the variant become, of the image as it is meant to be seen?
//! 5. `resize`: in the orientation the pixels are stored in.
//! 6. `orient`: turn the small result upright, which is cheaper than turning the original.
//! 7. `encode`: in the original's format where browsers show it, else as PNG.
//!
//! Decoders of hostile files may panic, hang or exhaust memory: whoever calls [`render`] contains that.

mod decode;
mod encode;
mod error;
mod jpeg;
mod limits;
mod orient;
mod probe;
mod resize;
mod size;
#[cfg(test)]
mod tests;

pub use error::RenderError;
pub use limits::Limits;

use decode::Decoded;
use fast_image_resize::Resizer;
use resizinator_shared::image::Format;
use resizinator_shared::variant::Heights;

/// What an original is rendered to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variants {
    /// The variant for lists.
    pub small: Variant,
    /// The variant for a look.
    pub medium: Variant,
}

/// An encoded image without any metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The file.
    pub bytes: Vec<u8>,
    /// What the file is; not always the original's format.
    pub format: Format,
    /// In pixels, upright.
    pub width: u32,
    /// In pixels, upright.
    pub height: u32,
}

/// Renders both variants of the image file `input`.
///
/// # Errors
/// Every [`RenderError`] is permanent: the same bytes under the same limits fail again.
pub fn render(input: &[u8], limits: &Limits, heights: Heights) -> Result<Variants, RenderError> {
    let original = if input.starts_with(&[0xFF, 0xD8]) {
        let header = jpeg::read_header(input)?;
        limits::check_pixels(header.width, header.height, limits)?;
        decode::jpeg(input, &header, limits, heights)?
    } else {
        let probed = probe::probe(input, limits)?;
        limits::check(&probed, limits)?;
        decode::first_frame(probed, limits)?
    };

    let mut resizer = Resizer::new();
    let medium = variant(&original, heights.medium, &mut resizer)?;
    let small = variant(&original, heights.small, &mut resizer)?;
    Ok(Variants { small, medium })
}

fn variant(original: &Decoded, target_height: u32, resizer: &mut Resizer) -> Result<Variant, RenderError> {
    let upright = orient::oriented(original.size, original.orientation);
    let size = size::variant_size(upright, target_height);
    let stored = orient::oriented(size, original.orientation);

    let mut pixels = resize::resize(&original.pixels, original.within, stored, resizer)?;
    pixels.apply_orientation(original.orientation);

    let format = original.format.of_variants();
    Ok(Variant { bytes: encode::encode(pixels, format)?, format, width: size.width, height: size.height })
}
