//! Resizing with Lanczos, with colours weighted by their alpha.
//!
//! Input and output have 8 or 16 bits per channel. They are grey or RGB, with or without straight alpha, in the file's
//! own gamma-encoded space. Colours are multiplied by alpha before they are averaged and divided by it afterwards, so
//! that the colour of transparent pixels, usually black, does not show at edges.
//!
//! An image that is more than four times too large is first shrunk by a whole number ([`shrink`]): each block of pixels
//! becomes its mean, and Lanczos still gets at least twice the pixels that it needs. Compared with Lanczos in one step,
//! this has 49 dB or better on photographs of 8 to 16 MP and takes a third of the time. Besides, a decoder that yields
//! row after row never holds the whole image. The small variant is made from the medium one if that is at least twice
//! its size, which has 55 dB or better.
//!
//! 16 bits are kept until the colours are converted, because files of linear light would lose their shadows in 8 bits.

pub(super) mod lanczos;
pub(super) mod shrink;
#[cfg(test)]
mod tests;

use super::{RenderError, size::Size};
use fast_image_resize::{ResizeAlg, ResizeOptions, Resizer};
use image::DynamicImage;
use shrink::Factors;

/// A decoded image, which may have fewer pixels than its file.
pub(super) struct Scaled {
    pub(super) pixels: DynamicImage,
    /// The width and height of the part of `pixels` that the image covers, from the upper left corner. It can be
    /// smaller than `pixels`: if a decoder shrinks by whole numbers, the last column and row may lie only partly in
    /// the image.
    pub(super) covered: (f64, f64),
}

impl Scaled {
    /// An image with all its pixels.
    pub(super) fn whole(pixels: DynamicImage) -> Self {
        let covered = (f64::from(pixels.width()), f64::from(pixels.height()));
        Self { pixels, covered }
    }

    fn is_of(&self, size: Size) -> bool {
        self.covered == (f64::from(size.width), f64::from(size.height))
            && (self.pixels.width(), self.pixels.height()) == (size.width, size.height)
    }
}

/// Whether an image of the size `source` has enough pixels to make one of `size` in the quality stated above.
pub(super) fn serves(source: Size, size: Size) -> bool {
    source.width >= size.width.saturating_mul(2) && source.height >= size.height.saturating_mul(2)
}

/// Resizes `source` to `size`, in the same colour type.
pub(super) fn resize(
    source: &Scaled,
    size: Size,
    resizer: &mut Resizer,
) -> Result<DynamicImage, RenderError> {
    if source.is_of(size) {
        return Ok(source.pixels.clone());
    }
    let covered = Size { width: source.covered.0.ceil() as u32, height: source.covered.1.ceil() as u32 };
    let factors = Factors::between(covered, size);
    if factors == Factors::NONE {
        return lanczos(&source.pixels, source.covered, size, resizer);
    }
    let shrunk = shrink::shrink(&source.pixels, factors);
    let covered = factors.covered(source.covered);
    lanczos(&shrunk, covered, size, resizer)
}

fn lanczos(
    pixels: &DynamicImage,
    (width, height): (f64, f64),
    size: Size,
    resizer: &mut Resizer,
) -> Result<DynamicImage, RenderError> {
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(lanczos::filter()))
        .crop(0.0, 0.0, width, height)
        .use_alpha(true);
    let mut resized = DynamicImage::new(size.width, size.height, pixels.color());
    resizer.resize(pixels, &mut resized, &options).map_err(|source| RenderError::Resize { source })?;
    Ok(resized)
}
