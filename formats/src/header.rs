//! What the header of an image file says.

use crate::format::Format;

/// Format, size and number of frames of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the file is, whatever its name or its sender says.
    pub format: Format,
    /// The width in pixels as stored, before any crop or orientation; never 0.
    pub width: u32,
    /// The height in pixels as stored, before any crop or orientation; never 0.
    pub height: u32,
    /// The frames of an animation that is rendered as one; 1 for a still image. Where a reading stops at a limit of
    /// frames, the number is merely above that limit.
    pub frames: u32,
}

impl Header {
    /// Width × height.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}
