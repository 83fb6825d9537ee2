//! Rectangular parts of a canvas.

use super::super::size::Size;
use image::RgbaImage;

/// A rectangular part of a canvas, in pixels. It is never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct Rectangle {
    pub(in crate::pipeline) left: u32,
    pub(in crate::pipeline) top: u32,
    pub(in crate::pipeline) size: Size,
}

impl Rectangle {
    /// The part of a rectangle that lies on a canvas of the size `canvas`, or `None` if there is none.
    pub(in crate::pipeline) fn clipped(left: u32, top: u32, size: Size, canvas: Size) -> Option<Self> {
        let size = Size {
            width: size.width.min(canvas.width.checked_sub(left)?),
            height: size.height.min(canvas.height.checked_sub(top)?),
        };
        (size.pixels() > 0).then_some(Self { left, top, size })
    }

    /// The smallest rectangle that contains every pixel for which `differ` is true, in two canvases of the same size.
    pub(in crate::pipeline) fn around(
        one: &RgbaImage,
        other: &RgbaImage,
        differ: impl Fn(&[u8], &[u8]) -> bool,
    ) -> Option<Self> {
        let (mut left, mut right) = (u32::MAX, 0);
        let mut rows: Option<(u32, u32)> = None;
        for (y, (one, other)) in (0..).zip(rows_of(one).zip(rows_of(other))) {
            if one == other {
                continue;
            }
            for (x, (one, other)) in (0..).zip(one.chunks_exact(4).zip(other.chunks_exact(4))) {
                if differ(one, other) {
                    (left, right) = (left.min(x), right.max(x));
                    rows = Some((rows.map_or(y, |(first, _)| first), y));
                }
            }
        }
        let (top, bottom) = rows?;
        let size = Size { width: right - left + 1, height: bottom - top + 1 };
        Some(Self { left, top, size })
    }

    /// The smallest rectangle that contains both.
    pub(in crate::pipeline) fn union(self, other: Self) -> Self {
        let (left, top) = (self.left.min(other.left), self.top.min(other.top));
        let right = (self.left + self.size.width).max(other.left + other.size.width);
        let bottom = (self.top + self.size.height).max(other.top + other.size.height);
        Self { left, top, size: Size { width: right - left, height: bottom - top } }
    }

    /// The bytes of the rectangle's rows in `canvas`. The rectangle must lie on the canvas.
    pub(in crate::pipeline) fn rows(self, canvas: &RgbaImage) -> impl Iterator<Item = &[u8]> {
        let bytes = self.row_bytes();
        rows_of(canvas)
            .skip(self.top as usize)
            .take(self.size.height as usize)
            .map(move |row| &row[bytes.clone()])
    }

    /// The bytes of the rectangle's rows in `canvas`. The rectangle must lie on the canvas.
    pub(in crate::pipeline) fn rows_mut(self, canvas: &mut RgbaImage) -> impl Iterator<Item = &mut [u8]> {
        let bytes = self.row_bytes();
        let stride = canvas.width() as usize * 4;
        let rows = canvas.chunks_exact_mut(stride.max(1));
        rows.skip(self.top as usize).take(self.size.height as usize).map(move |row| &mut row[bytes.clone()])
    }

    /// Makes the rectangle transparent.
    pub(in crate::pipeline) fn clear(self, canvas: &mut RgbaImage) {
        self.rows_mut(canvas).for_each(|row| row.fill(0));
    }

    fn row_bytes(self) -> std::ops::Range<usize> {
        self.left as usize * 4..(self.left + self.size.width) as usize * 4
    }
}

fn rows_of(canvas: &RgbaImage) -> impl Iterator<Item = &[u8]> {
    canvas.chunks_exact((canvas.width() as usize * 4).max(1))
}
