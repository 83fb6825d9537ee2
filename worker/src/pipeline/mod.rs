//! From the bytes of an original to the bytes of its variants.
//!
//! A pure function: it does no I/O and knows no job. The steps, in order:
//!
//! 1. `limits`: are we willing to decode what its header claims?
//! 2. `decode`: the pixels, in no more of them than the variants need where the format allows that (`jpeg`, `png`,
//!    `tiff`, `bmp`, `avif`, `webp`, `gif`).
//! 3. `size`: how large does the variant become, of the image as it is meant to be seen?
//! 4. `resize`: the medium variant, and the small one of it where that is as good; in the orientation and in the
//!    colour space that the pixels are stored in.
//! 5. `colour`: to sRGB, 8 bits per channel. Of the few pixels that are left.
//! 6. `orient`: turn them upright, which is cheaper than turning the original.
//! 7. `encode`: in the original's format where browsers show it, else as PNG.
//!
//! What moves goes through steps 2 to 7 frame by frame (`animation`).
//!
//! Decoders of hostile files may panic, hang or exhaust memory: whoever calls [`render`] contains that.

mod animation;
mod avif;
mod bmp;
mod colour;
mod decode;
mod encode;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod gif;
mod jpeg;
mod limits;
mod moving;
mod orient;
mod png;
mod resize;
mod size;
mod still;
#[cfg(test)]
mod tests;
mod tiff;
mod webp;

pub use error::RenderError;
pub use limits::RenderLimits;

use image::DynamicImage;
use resizinator_formats::Format;
use resizinator_shared::variant::{Heights, StoredVariant, StoredVariants};

/// What an original is rendered to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variants {
    /// The variant for lists.
    pub small: Variant,
    /// The variant for a look.
    pub medium: Variant,
}

impl Variants {
    /// What the row keeps of them.
    #[must_use]
    pub fn sizes(&self) -> StoredVariants {
        let size = |variant: &Variant| StoredVariant {
            width: variant.width,
            height: variant.height,
            // No variant is near this limit: a renderer refuses larger ones than 64 MiB.
            bytes: u32::try_from(variant.bytes.len()).unwrap_or(u32::MAX),
        };
        StoredVariants { small: size(&self.small), medium: size(&self.medium) }
    }
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

/// Renders both variants of the image file `input`, which is of `format`.
///
/// # Errors
/// Every [`RenderError`] is permanent: the same bytes under the same limits fail again.
pub fn render(
    format: Format,
    input: &[u8],
    limits: &RenderLimits,
    heights: Heights,
) -> Result<Variants, RenderError> {
    match decode::decode(format, input, limits, heights)? {
        decode::Decoded::Still(still) => still.variants(heights),
        decode::Decoded::Moving(moving) => moving.variants(heights),
    }
}

/// The small and the medium variant's pixels, before they are encoded, to measure what decoding and resizing lose.
/// `None` of what moves.
///
/// # Errors
/// As [`render`].
pub fn pixels(
    format: Format,
    input: &[u8],
    limits: &RenderLimits,
    heights: Heights,
) -> Result<Option<[DynamicImage; 2]>, RenderError> {
    match decode::decode(format, input, limits, heights)? {
        decode::Decoded::Still(still) => {
            let still::Pixels { small, medium } = still.pixels(heights)?;
            Ok(Some([small, medium]))
        }
        decode::Decoded::Moving(_) => Ok(None),
    }
}
