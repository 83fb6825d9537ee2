//! The header of an image file, in a form that all formats share.

use crate::format::Format;

/// The format, the size and the number of frames of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The format that the file really has, whatever its name or its sender says.
    pub format: Format,
    /// The width in pixels as stored, before cropping and orientation. It is never 0.
    pub width: u32,
    /// The height in pixels as stored, before cropping and orientation. It is never 0.
    pub height: u32,
    /// The number of frames of an animation that is rendered as an animation, or 1 for a still image. If a reading
    /// stops at the limit of frames, the number is only known to be above that limit.
    pub frames: u32,
}

impl Header {
    /// The number of pixels: width × height.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}
