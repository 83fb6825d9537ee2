//! The image pipeline, which turns the bytes of an original into the bytes of its variants.
//!
//! It is a pure function: it does no I/O and knows nothing about jobs. The steps are, in order:
//!
//! 1. `limits`: checks the header of the file against the limits.
//! 2. `decode`: decodes the pixels, at a reduced size where the format allows it (`jpeg`, `png`, `tiff`, `bmp`, `avif`,
//!    `webp`, `gif`).
//! 3. `size`: computes the size of each variant from the size of the upright image.
//! 4. `resize`: makes the medium variant, and the small one from it where that is as good. The pixels keep their
//!    stored orientation and colour space.
//! 5. `colour`: converts the few remaining pixels to sRGB with 8 bits per channel.
//! 6. `orient`: turns them upright, which is cheaper than turning the original.
//! 7. `placeholder`: makes the ThumbHash of the small variant.
//! 8. `encode`: writes the format that is wanted: WebP, or the original's format if browsers can show it, else PNG.
//!
//! An animation goes through these steps frame by frame (`animation`); its placeholder is that of the first frame.
//!
//! Decoders of hostile files may panic, hang or exhaust memory. The caller of [`render`] has to contain that.

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
mod placeholder;
mod png;
mod resize;
mod size;
mod still;
pub(crate) mod stopwatch;
#[cfg(test)]
mod tests;
mod tiff;
mod warm_up;
mod webp;

pub use error::RenderError;
pub use limits::RenderLimits;
pub use warm_up::warm_up;

use std::num::NonZeroU32;

use fast_image_resize::Resizer;
use image::DynamicImage;
use resizinator_formats::Format;
use resizinator_shared::placeholder::Placeholder;
use resizinator_shared::variant::{Heights, StoredVariant, StoredVariants, Wanted};

/// The two variants that an original is rendered to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variants {
    /// The small variant, for lists.
    pub small: Variant,
    /// The medium variant, for a preview.
    pub medium: Variant,
    /// How many frames each of them has, which is 1 for a still image.
    pub frames: NonZeroU32,
    /// What a client paints until it has the small variant. It shows the first frame.
    pub placeholder: Placeholder,
}

impl Variants {
    /// What the image's row stores of the variants.
    #[must_use]
    pub fn stored(&self) -> StoredVariants {
        let size = |variant: &Variant| StoredVariant {
            width: variant.width,
            height: variant.height,
            // No variant comes near this limit, because a renderer refuses variants of more than 64 MiB.
            bytes: u32::try_from(variant.bytes.len()).unwrap_or(u32::MAX),
        };
        StoredVariants {
            small: size(&self.small),
            medium: size(&self.medium),
            frames: Some(self.frames.get()),
            format: Some(self.small.format),
            placeholder: Some(self.placeholder.clone()),
        }
    }
}

/// An encoded image without any metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The bytes of the file.
    pub bytes: Vec<u8>,
    /// The format of the file, which is not always that of the original.
    pub format: Format,
    /// This side of the upright image in pixels.
    pub width: u32,
    /// This side of the upright image in pixels.
    pub height: u32,
}

/// Renders both variants of the image file `input`, which is of `format`. Heights alone want the original's format.
///
/// # Errors
/// Every [`RenderError`] is permanent: the same bytes under the same limits fail again.
pub fn render(
    format: Format,
    input: &[u8],
    limits: &RenderLimits,
    wanted: impl Into<Wanted>,
) -> Result<Variants, RenderError> {
    let wanted = wanted.into();
    match decode::decode(format, input, limits, wanted.heights)? {
        decode::Decoded::Still(still) => still.variants(wanted),
        decode::Decoded::Moving(moving) => moving.variants(wanted),
    }
}

/// Returns the pixels of the small and the medium variant before they are encoded, to measure the loss of decoding and
/// resizing. Returns `None` for an animation.
///
/// # Errors
/// The same as those of [`render`].
pub fn pixels(
    format: Format,
    input: &[u8],
    limits: &RenderLimits,
    heights: Heights,
) -> Result<Option<[DynamicImage; 2]>, RenderError> {
    match decode::decode(format, input, limits, heights)? {
        decode::Decoded::Still(still) => {
            let still::Pixels { small, medium } = still.pixels(heights, &mut Resizer::new())?;
            Ok(Some([small, medium]))
        }
        decode::Decoded::Moving(_) => Ok(None),
    }
}
