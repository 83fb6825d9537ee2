//! Between an image as it is stored and as it is meant to be seen.

use super::size::Size;
use image::metadata::Orientation;

/// The size of an image of `size` after `orientation` is applied. Turning back is the same: a quarter turn
/// swaps the sides either way.
pub(super) fn oriented(size: Size, orientation: Orientation) -> Size {
    match orientation {
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => size,
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => Size { width: size.height, height: size.width },
    }
}
