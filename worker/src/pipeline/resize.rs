//! Lanczos, with colours weighted by their alpha.

use super::{RenderError, size::Size};
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::DynamicImage;

/// The resizer's table of weights takes about 48 bytes for each pixel of a source's side, and a pixel that ends
/// up as one of thousands does not count: sides beyond this are thinned out first.
const MAX_WEIGHED_SIDE: u32 = 1_000_000;

/// Thinning leaves this many source pixels for each pixel of the result, along each axis.
const KEPT_WHEN_THINNED: u8 = 8;

/// The upper left part of `pixels` with the size `within` in another size, in the same colour type.
pub(super) fn resize(
    pixels: &DynamicImage,
    within: (f64, f64),
    size: Size,
    resizer: &mut Resizer,
) -> Result<DynamicImage, RenderError> {
    let algorithm = if pixels.width().max(pixels.height()) > MAX_WEIGHED_SIDE {
        ResizeAlg::SuperSampling(FilterType::Lanczos3, KEPT_WHEN_THINNED)
    } else {
        ResizeAlg::Convolution(FilterType::Lanczos3)
    };
    // Without weighting, the invisible colour of transparent pixels (often black) bleeds into visible edges.
    let options =
        ResizeOptions::new().resize_alg(algorithm).use_alpha(true).crop(0.0, 0.0, within.0, within.1);

    let mut resized = DynamicImage::new(size.width, size.height, pixels.color());
    resizer.resize(pixels, &mut resized, &options).map_err(|source| RenderError::Resize { source })?;
    Ok(resized)
}
