//! Renders the pixels of a still image to its variants.

use super::{
    RenderError, Variant, Variants,
    colour::{self, Profile},
    encode, placeholder,
    resize::{self, Scaled},
    size::{self, Bounds, Size},
    stopwatch::{encoding, resizing},
    webp::Coding,
};
use fast_image_resize::Resizer;
use image::{DynamicImage, metadata::Orientation};
use resizinator_formats::Format;
use resizinator_shared::variant::{Heights, VariantFormat, Wanted};
use std::num::NonZeroU32;

/// A decoded still image.
pub(super) struct Still {
    pub(super) format: Format,
    /// The pixels, with 8 or 16 bits per channel. They are grey or RGB, with or without straight alpha.
    pub(super) scaled: Scaled,
    /// The full size of the image in the file, in its stored orientation. `scaled` may have fewer pixels.
    pub(super) size: Size,
    /// The orientation that has to be applied to make the pixels upright.
    pub(super) orientation: Orientation,
    /// The colour profile of the pixels.
    pub(super) profile: Profile,
    /// Whether the original is coded without loss. Only WebP variants depend on it, since they can be coded either way.
    pub(super) lossless: bool,
}

/// The pixels of the variants: upright, in sRGB, with 8 bits per channel.
pub(super) struct Pixels {
    pub(super) small: DynamicImage,
    pub(super) medium: DynamicImage,
}

impl Still {
    pub(super) fn variants(&self, wanted: Wanted) -> Result<Variants, RenderError> {
        let mut resizer = Resizer::new();
        let (Pixels { small, medium }, placeholder) = resizing(|| {
            let pixels = self.pixels(wanted.heights, &mut resizer)?;
            let placeholder = placeholder::of(&pixels.small, &mut resizer)?;
            Ok::<_, RenderError>((pixels, placeholder))
        })?;
        let variant = |pixels| self.variant(pixels, wanted.format);
        let (small, medium) = encoding(|| Ok::<_, RenderError>((variant(small)?, variant(medium)?)))?;
        Ok(Variants { small, medium, frames: NonZeroU32::MIN, placeholder })
    }

    pub(super) fn pixels(&self, heights: Heights, resizer: &mut Resizer) -> Result<Pixels, RenderError> {
        let size = |bounds| size::stored_variant(self.size, self.orientation, bounds);
        let (medium, small) = (size(Bounds::medium(heights)), size(Bounds::small(heights)));

        let medium_pixels = Scaled::whole(resize::resize(&self.scaled, medium, resizer)?);
        let source = if resize::serves(medium, small) { &medium_pixels } else { &self.scaled };
        let small = self.to_be_seen(resize::resize(source, small, resizer)?);
        Ok(Pixels { small, medium: self.to_be_seen(medium_pixels.pixels) })
    }

    fn to_be_seen(&self, pixels: DynamicImage) -> DynamicImage {
        let mut pixels = colour::to_srgb(pixels, &self.profile);
        pixels.apply_orientation(self.orientation);
        pixels
    }

    fn variant(&self, pixels: DynamicImage, format: VariantFormat) -> Result<Variant, RenderError> {
        let (width, height) = (pixels.width(), pixels.height());
        let format = format.of(self.format);
        let coding = Coding::of(self.format, self.lossless);
        Ok(Variant { bytes: encode::encode(pixels, format, coding)?, format, width, height })
    }
}
