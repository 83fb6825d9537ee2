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

/// A ThumbHash always has at least three waves along a side, and seven along the longer one.
const FEWEST: u32 = 3;
const FEWEST_ALONG_THE_LONGER: u32 = 8;

/// Makes the placeholder of `small`, which is upright, in sRGB, and has 8 bits per channel.
pub(super) fn of(small: &DynamicImage, resizer: &mut Resizer) -> Result<Placeholder, RenderError> {
    let seen = Size { width: small.width(), height: small.height() };
    let fitted = with_room_for_waves(size::variant_size(seen, Bounds { height: SIDE, width: SIDE }));
    let pixels = if fitted == seen {
        small.to_rgba8()
    } else {
        resize::resize(&Scaled::whole(small.clone()), fitted, resizer)?.into_rgba8()
    };
    let hash = thumbhash::rgba_to_thumb_hash(fitted.width as usize, fitted.height as usize, &pixels);
    Ok(Placeholder::of(&hash).expect("a ThumbHash has 5 to 25 bytes"))
}

/// Enlarges a side that has fewer pixels than a ThumbHash has waves along it, since those waves would show colours that
/// the image does not have. The result has at most 56 pixels along a side that was enlarged.
fn with_room_for_waves(Size { width, height }: Size) -> Size {
    let factor = if width.max(height) < FEWEST_ALONG_THE_LONGER { FEWEST_ALONG_THE_LONGER } else { 1 };
    Size { width: (width * factor).max(FEWEST), height: (height * factor).max(FEWEST) }
}
