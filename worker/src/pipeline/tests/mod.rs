//! Whole renderings, of images made here.

pub(super) mod files;
mod formats;
mod hostile;
mod orientation;
mod pixels;

use super::{Heights, Limits, RenderError, Variant, Variants, render};
use image::DynamicImage;

pub(super) fn rendered(file: &[u8]) -> Variants {
    render(file, &Limits::default(), Heights::default()).expect("the image renders")
}

pub(super) fn refused(file: &[u8], limits: &Limits) -> RenderError {
    render(file, limits, Heights::default()).expect_err("the image is refused")
}

/// The variant as a viewer sees it; its file must be what it says it is.
pub(super) fn decoded(variant: &Variant) -> DynamicImage {
    let image = image::load_from_memory(&variant.bytes).expect("the variant decodes");
    assert_eq!((image.width(), image.height()), (variant.width, variant.height));
    image
}

/// Fails unless every channel of `seen` is within `tolerance` of `expected`.
#[track_caller]
pub(super) fn assert_close<const N: usize>(seen: [u8; N], expected: [u8; N], tolerance: u8) {
    let close = seen.iter().zip(expected).all(|(&seen, expected)| seen.abs_diff(expected) <= tolerance);
    assert!(close, "{seen:?} is not within {tolerance} of {expected:?}");
}
