//! Tests that render images which are made here.

pub(super) mod files;
mod formats;
mod found;
mod hostile;
mod orientation;
mod pixels;
mod placeholders;
mod png_chunks;

use super::{Heights, RenderError, RenderLimits, Variant, Variants, render};
use image::DynamicImage;
use resizinator_formats::{Format, ImageLimits, Signature, detect};

/// Renders a file in the format that its first bytes indicate.
pub(super) fn render_file(file: &[u8], limits: &RenderLimits) -> Result<Variants, RenderError> {
    let Signature::Image(format) = detect(file) else { panic!("the file is no image") };
    render(format, file, limits, Heights::default())
}

/// Renders a broken file. The result must be variants of a possible size, or an error that blames the file.
#[track_caller]
pub(super) fn render_broken(format: Format, file: &[u8]) {
    // A damaged size may be a large one, which takes its time.
    let heights = Heights::default();
    match render(format, file, &with_pixels(1_000_000), heights) {
        Ok(variants) => {
            for (variant, height) in [(variants.small, heights.small), (variants.medium, heights.medium)] {
                assert!((1..=height).contains(&variant.height), "{format:?}: {} rows", variant.height);
                assert!((1..=height * heights.max_aspect).contains(&variant.width), "{format:?}");
            }
        }
        Err(error) => {
            let code = error.code().name();
            let of_the_file = ["decode_failed", "unsupported_feature", "no_pixels", "decoder_memory"];
            let of_a_limit = ["too_many_pixels", "side_too_long", "too_many_frames", "animation_too_large"];
            assert!(of_the_file.contains(&code) || of_a_limit.contains(&code), "{format:?}: {code}: {error}");
        }
    }
}

pub(super) fn rendered(file: &[u8]) -> Variants {
    render_file(file, &RenderLimits::default()).expect("the image renders")
}

pub(super) fn refused(file: &[u8], limits: &RenderLimits) -> RenderError {
    render_file(file, limits).expect_err("the image is refused")
}

/// The default limits, with other limits on the image.
pub(super) fn within(image: ImageLimits) -> RenderLimits {
    RenderLimits { image, ..RenderLimits::default() }
}

pub(super) fn with_pixels(pixels: u64) -> RenderLimits {
    within(ImageLimits { pixels, ..ImageLimits::default() })
}

/// The variant as a viewer sees it. Fails if its file does not have the stated format or size.
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
