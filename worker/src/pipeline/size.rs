//! How large a variant becomes.

use super::orient;
use image::metadata::Orientation;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Size {
    /// Width × height.
    pub(super) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// A variant is at most this many times as wide as its target height, so that no thin and tiny file
/// makes an enormous variant.
const MAX_ASPECT: u32 = 16;

/// The size of the variant of target height `H` of an image of `w` × `h`, seen upright.
///
/// - `h > H`: the height becomes `H`, the width `round(w / (h / H))`;
/// - `h ≤ H`: the size stays, since a variant is never enlarged;
/// - but if that is wider than `16 × H`: the width becomes `16 × H`, the height `round(h / (w / (16 × H)))`.
///
/// Computed in `f64`, halves go to the even neighbour, and no side becomes 0.
pub(super) fn variant_size(original: Size, target_height: u32) -> Size {
    let target_height = target_height.max(1);
    let max_width = target_height.saturating_mul(MAX_ASPECT);

    let by_height = if original.height > target_height {
        Size { width: scaled(original.width, original.height, target_height), height: target_height }
    } else {
        original
    };
    if by_height.width <= max_width {
        return by_height;
    }
    Size { width: max_width, height: scaled(original.height, original.width, max_width) }
}

/// The same of an image that is stored as `stored` and seen turned by `orientation`; as it is to be stored.
pub(super) fn stored_variant(stored: Size, orientation: Orientation, target_height: u32) -> Size {
    let upright = variant_size(orient::oriented(stored, orientation), target_height);
    orient::oriented(upright, orientation)
}

/// `side`, scaled as `from` is to become `to`.
fn scaled(side: u32, from: u32, to: u32) -> u32 {
    let exact = f64::from(side) / (f64::from(from) / f64::from(to));
    // The cast saturates.
    (exact.round_ties_even() as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(original: (u32, u32), target_height: u32, expected: (u32, u32)) {
        let (width, height) = original;
        let size = variant_size(Size { width, height }, target_height);
        assert_eq!((size.width, size.height), expected, "of {width}×{height}");
    }

    #[test]
    fn the_height_is_the_target_and_the_width_keeps_the_aspect_ratio() {
        becomes((4000, 3000), 300, (400, 300));
        becomes((3000, 4000), 300, (225, 300));
        becomes((1600, 1000), 100, (160, 100));
        becomes((5312, 2988), 300, (533, 300));
        becomes((5312, 2988), 100, (178, 100));
    }

    #[test]
    fn a_half_goes_to_the_even_neighbour() {
        becomes((5, 200), 100, (2, 100));
        becomes((7, 200), 100, (4, 100));
        becomes((9, 200), 100, (4, 100));
        becomes((11, 200), 100, (6, 100));
        becomes((251, 200), 100, (126, 100));
        becomes((253, 200), 100, (126, 100));
    }

    #[test]
    fn no_side_becomes_zero() {
        becomes((1, 1000), 100, (1, 100));
        becomes((1, u32::MAX), 100, (1, 100));
        becomes((u32::MAX, 1), 100, (1600, 1));
        becomes((0, 0), 100, (0, 0));
    }

    #[test]
    fn an_original_that_is_not_taller_keeps_its_size() {
        becomes((1, 1), 100, (1, 1));
        becomes((640, 100), 100, (640, 100));
        becomes((1600, 99), 100, (1600, 99));
        becomes((300, 1), 100, (300, 1));
        becomes((1, 100), 100, (1, 100));
    }

    #[test]
    fn a_variant_is_at_most_sixteen_times_as_wide_as_its_target_height() {
        becomes((1600, 100), 100, (1600, 100));
        becomes((1601, 100), 100, (1600, 100));
        becomes((3200, 100), 100, (1600, 50));
        becomes((3200, 200), 100, (1600, 100));
        becomes((6400, 200), 100, (1600, 50));
        becomes((100_000, 2), 300, (4800, 1));
        becomes((100_000, 2), 100, (1600, 1));
        // Half a pixel of height: 50 / (3200 / 1600) = 25, 5 / 2 = 2.5, 7 / 2 = 3.5.
        becomes((3200, 5), 100, (1600, 2));
        becomes((3200, 7), 100, (1600, 4));
    }

    #[test]
    fn no_size_and_no_target_overflows() {
        becomes((u32::MAX, u32::MAX), 100, (100, 100));
        becomes((u32::MAX, u32::MAX), u32::MAX, (u32::MAX, u32::MAX));
        becomes((10, 10), 0, (1, 1));
    }
}
