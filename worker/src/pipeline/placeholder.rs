//! The placeholder of an image: a ThumbHash of the small variant's pixels, from which a client paints a blurred picture.

use super::{
    RenderError,
    resize::{self, Scaled},
    size::{self, Bounds, Size},
};
use fast_image_resize::Resizer;
use image::DynamicImage;
use resizinator_shared::placeholder::Placeholder;

/// The longest side of the pixels that are hashed. A ThumbHash keeps at most seven waves along a side, so more pixels
/// would only take more time.
const SIDE: u32 = 32;

/// Makes the placeholder of `small`, which is upright, in sRGB, and has 8 bits per channel.
pub(super) fn of(small: &DynamicImage, resizer: &mut Resizer) -> Result<Placeholder, RenderError> {
    let seen = Size { width: small.width(), height: small.height() };
    let fitted = size::variant_size(seen, Bounds { height: SIDE, width: SIDE });
    let pixels = if fitted == seen {
        small.to_rgba8()
    } else {
        resize::resize(&Scaled::whole(small.clone()), fitted, resizer)?.into_rgba8()
    };
    let hash = thumbhash::rgba_to_thumb_hash(fitted.width as usize, fitted.height as usize, &pixels);
    Ok(Placeholder::of(&hash).expect("a ThumbHash has 5 to 25 bytes"))
}
