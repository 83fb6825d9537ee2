//! The function that replaces the pipeline in these tests. It does what the original says.

use std::num::NonZeroU32;

use resizinator_formats::Format;
use resizinator_shared::placeholder::Placeholder;
use resizinator_shared::variant::Wanted;
use resizinator_worker::pipeline::{RenderError, RenderLimits, Variant, Variants};

pub(crate) const RENDERS: &[u8] = b"render";
pub(crate) const REFUSED: &[u8] = b"refuse";
pub(crate) const CRASHES: &[u8] = b"crash";

pub(crate) fn render(_: Format, input: &[u8], _: &RenderLimits, _: Wanted) -> Result<Variants, RenderError> {
    let variant = |name: &str| Variant { bytes: name.into(), format: Format::Png, width: 1, height: 1 };
    match input {
        RENDERS => Ok(Variants {
            small: variant("small"),
            medium: variant("medium"),
            frames: NonZeroU32::MIN,
            placeholder: Placeholder::of(&[7; 25]).expect("a hash"),
        }),
        REFUSED => Err(RenderError::TooManyScans { limit: 7 }),
        CRASHES => std::process::abort(),
        other => panic!("no such order: {other:?}"),
    }
}
