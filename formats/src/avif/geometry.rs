//! Sizes, and parts of a picture.

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

impl Size {
    /// Width × height.
    #[must_use]
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// A part of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    /// From the left side of the picture.
    pub left: u32,
    /// From the upper side of the picture.
    pub top: u32,
    /// What is left of the picture.
    pub size: Size,
}

impl Crop {
    pub(super) fn whole(size: Size) -> Self {
        Self { left: 0, top: 0, size }
    }

    /// Reads `clap` (ISO/IEC 14496-12, section 12.1.4.2): a rectangle around the middle, in fractions. One that does
    /// not lie in the picture or not on whole pixels is passed over, as viewers do that know the property.
    pub(super) fn of(numbers: [u32; 8], picture: Size) -> Option<Self> {
        let [width, width_parts, height, height_parts, right, right_parts, down, down_parts] =
            numbers.map(|number| i64::from(number.cast_signed()));
        let (left, width) = side((width, width_parts), (right, right_parts), picture.width)?;
        let (top, height) = side((height, height_parts), (down, down_parts), picture.height)?;
        Some(Self { left, top, size: Size { width, height } })
    }
}

/// Gives the start and the length of a crop along one side of a picture.
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

/// How many colour samples there are for how many of brightness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// None: the picture is grey.
    I400,
    /// One for two by two.
    I420,
    /// One for two in a row.
    I422,
    /// One for one.
    I444,
}

impl Layout {
    /// Planes of a picture: brightness, and two of colours.
    #[must_use]
    pub fn planes(self) -> usize {
        if self == Self::I400 { 1 } else { 3 }
    }

    /// By how much the planes of colours are narrower and lower, as powers of two.
    #[must_use]
    pub fn shifts(self) -> (u32, u32) {
        match self {
            Self::I420 => (1, 1),
            Self::I422 => (1, 0),
            Self::I400 | Self::I444 => (0, 0),
        }
    }

    /// The size of a plane of a picture of `size`; the plane of brightness has the number 0.
    #[must_use]
    pub fn plane(self, plane: usize, size: Size) -> Size {
        let (across, down) = if plane == 0 { (0, 0) } else { self.shifts() };
        Size { width: size.width.div_ceil(1 << across), height: size.height.div_ceil(1 << down) }
    }

    /// Samples of a picture of `size`, of all planes.
    #[must_use]
    pub fn samples(self, size: Size) -> u64 {
        (0..self.planes()).map(|plane| self.plane(plane, size).pixels()).sum()
    }
}
