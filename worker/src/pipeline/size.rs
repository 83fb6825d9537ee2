//! The size of a variant.

use super::orient;
use image::metadata::Orientation;
use resizinator_shared::variant::Heights;

/// A width and a height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Size {
    /// The number of pixels: width × height.
    pub(super) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// The bounds of a variant's size, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// The target height.
    pub(super) height: u32,
    /// The largest width, which keeps a small file with a very wide image from getting an enormous variant.
    pub(super) width: u32,
}

impl Bounds {
    pub(super) fn small(heights: Heights) -> Self {
        Self::of(heights.small, heights.max_aspect)
    }

    pub(super) fn medium(heights: Heights) -> Self {
        Self::of(heights.medium, heights.max_aspect)
    }

    /// The bounds of the larger variant.
    pub(super) fn largest(heights: Heights) -> Self {
        Self::of(heights.medium.max(heights.small), heights.max_aspect)
    }

    fn of(height: u32, max_aspect: u32) -> Self {
        let height = height.max(1);
        Self { height, width: height.saturating_mul(max_aspect.max(1)) }
    }
}

/// The size of a variant with the target height `H` and the largest width `W`, for an upright image of `w` × `h`
/// pixels.
///
/// - If `h > H`, the height becomes `H` and the width `round(w / (h / H))`.
/// - If `h ≤ H`, the size is kept, since a variant is never enlarged.
/// - If the result is wider than `W`, the width becomes `W` and the height `round(h / (w / W))`.
///
/// It is computed in `f64`, halves are rounded to the even neighbour, and no side becomes 0.
pub(super) fn variant_size(original: Size, bounds: Bounds) -> Size {
    let by_height = if original.height > bounds.height {
        Size { width: scaled(original.width, original.height, bounds.height), height: bounds.height }
    } else {
        original
    };
    if by_height.width <= bounds.width {
        return by_height;
    }
    Size { width: bounds.width, height: scaled(original.height, original.width, bounds.width) }
}

/// The same size for an image that is stored with the size `stored` and shown turned by `orientation`. The result is
/// the size before turning.
pub(super) fn stored_variant(stored: Size, orientation: Orientation, bounds: Bounds) -> Size {
    let upright = variant_size(orient::oriented(stored, orientation), bounds);
    orient::oriented(upright, orientation)
}

/// Scales `side` by the factor that turns `from` into `to`.
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
        becomes_within(original, Bounds::of(target_height, Heights::default().max_aspect), expected);
    }

    #[track_caller]
    fn becomes_within((width, height): (u32, u32), bounds: Bounds, expected: (u32, u32)) {
        let size = variant_size(Size { width, height }, bounds);
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
    fn a_variant_is_at_most_sixteen_times_as_wide_as_its_target_height_unless_told_otherwise() {
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
    fn how_wide_a_variant_may_be_is_a_setting() {
        becomes_within((3200, 200), Bounds::of(100, 1), (100, 6));
        becomes_within((100, 100), Bounds::of(100, 1), (100, 100));
        becomes_within((3200, 200), Bounds::of(100, 15), (1500, 94));
        becomes_within((100_000, 200), Bounds::of(100, 1000), (50_000, 100));
        let heights = Heights { small: 10, medium: 30, max_aspect: 2 };
        assert_eq!(Bounds::small(heights), Bounds { height: 10, width: 20 });
        assert_eq!(Bounds::medium(heights), Bounds { height: 30, width: 60 });
        assert_eq!(Bounds::largest(heights), Bounds { height: 30, width: 60 });
    }

    #[test]
    fn no_size_and_no_target_overflows() {
        becomes((u32::MAX, u32::MAX), 100, (100, 100));
        becomes((u32::MAX, u32::MAX), u32::MAX, (u32::MAX, u32::MAX));
        becomes((10, 10), 0, (1, 1));
        becomes_within((10, 10), Bounds::of(u32::MAX, u32::MAX), (10, 10));
        becomes_within((10, 10), Bounds::of(5, 0), (5, 5));
    }
}
