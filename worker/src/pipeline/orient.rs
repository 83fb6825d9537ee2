//! The relation between the size of an image as it is stored and as it is seen.

use super::size::Size;
use image::metadata::Orientation;

/// The size of an image of `size` after `orientation` is applied. The same function gives the size before it is
/// applied, since a quarter turn swaps the sides in both directions.
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
