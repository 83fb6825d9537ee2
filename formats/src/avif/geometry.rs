//! Sizes, crops and chroma subsampling.

/// A width and a height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
}

impl Size {
    /// The number of pixels: width × height.
    #[must_use]
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// A rectangular part of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    /// The distance from the left edge of the picture.
    pub left: u32,
    /// The distance from the top edge of the picture.
    pub top: u32,
    /// The size of the part.
    pub size: Size,
}

impl Crop {
    pub(super) fn whole(size: Size) -> Self {
        Self { left: 0, top: 0, size }
    }

    /// Converts `clap` (ISO/IEC 14496-12, section 12.1.4.2), which is a rectangle relative to the centre, in
    /// fractions. If it does not lie in the picture or not on whole pixels, it is ignored, as viewers that support it
    /// do.
    pub(super) fn of(numbers: [u32; 8], picture: Size) -> Option<Self> {
        let [width, width_parts, height, height_parts, right, right_parts, down, down_parts] =
            numbers.map(|number| i64::from(number.cast_signed()));
        let (left, width) = side((width, width_parts), (right, right_parts), picture.width)?;
        let (top, height) = side((height, height_parts), (down, down_parts), picture.height)?;
        Some(Self { left, top, size: Size { width, height } })
    }
}

/// Computes the start and the length of a crop along one side of a picture.
fn side(length: (i64, i64), shift: (i64, i64), whole: u32) -> Option<(u32, u32)> {
    if length.1 <= 0 || shift.1 <= 0 || length.0 % length.1 != 0 {
        return None;
    }
    let (length, whole) = (length.0 / length.1, i64::from(whole));
    // (whole − length) / 2 + shift
    let over = (whole - length).checked_mul(shift.1)?.checked_add(shift.0.checked_mul(2)?)?;
    let under = shift.1.checked_mul(2)?;
    let start = over / under;
    let inside = over % under == 0 && length > 0 && start >= 0 && start + length <= whole;
    inside.then_some((u32::try_from(start).ok()?, u32::try_from(length).ok()?))
}

/// The chroma subsampling: the number of chroma samples relative to luma samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// No chroma: the picture is grey.
    I400,
    /// One chroma sample for 2 × 2 pixels.
    I420,
    /// One chroma sample for two pixels in a row.
    I422,
    /// One chroma sample for each pixel.
    I444,
}

impl Layout {
    /// The number of planes of a picture: one of luma, and two of chroma unless it is grey.
    #[must_use]
    pub fn planes(self) -> usize {
        if self == Self::I400 { 1 } else { 3 }
    }

    /// The reduction of the width and the height of the chroma planes, as exponents of two.
    #[must_use]
    pub fn shifts(self) -> (u32, u32) {
        match self {
            Self::I420 => (1, 1),
            Self::I422 => (1, 0),
            Self::I400 | Self::I444 => (0, 0),
        }
    }

    /// The size of a plane of a picture of `size`. The plane of luma has the number 0.
    #[must_use]
    pub fn plane(self, plane: usize, size: Size) -> Size {
        let (across, down) = if plane == 0 { (0, 0) } else { self.shifts() };
        Size { width: size.width.div_ceil(1 << across), height: size.height.div_ceil(1 << down) }
    }

    /// The number of samples in all planes of a picture of `size`.
    #[must_use]
    pub fn samples(self, size: Size) -> u64 {
        (0..self.planes()).map(|plane| self.plane(plane, size).pixels()).sum()
    }
}
