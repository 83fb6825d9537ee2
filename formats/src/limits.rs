//! The limits on images that are accepted and rendered. They are checked with the header of an image.

use std::fmt;

use crate::header::Header;

/// The limits on one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageLimits {
    /// The limit `max_pixels` on width × height of one frame.
    pub pixels: u64,
    /// The limit `max_side` on the width and on the height, in pixels.
    pub side: u32,
    /// The limit `max_frames` on the number of frames of an animation.
    pub frames: u32,
    /// The limit `max_animation_pixels` on width × height × frames of an animation.
    pub animation_pixels: u64,
}

impl Default for ImageLimits {
    fn default() -> Self {
        Self { pixels: 100_000_000, side: 100_000, frames: 500, animation_pixels: 200_000_000 }
    }
}

impl ImageLimits {
    /// Checks the header of an image against the limits.
    ///
    /// # Errors
    /// The first limit that the image exceeds.
    pub fn check(&self, header: &Header) -> Result<(), LimitExceeded> {
        let &Header { width, height, frames, .. } = header;
        if header.pixels() > self.pixels {
            return Err(LimitExceeded::Pixels { width, height, limit: self.pixels });
        }
        if width.max(height) > self.side {
            return Err(LimitExceeded::Side { width, height, limit: self.side });
        }
        if frames > self.frames {
            return Err(LimitExceeded::Frames { frames, limit: self.frames });
        }
        let limit = self.animation_pixels;
        if frames > 1 && header.pixels().saturating_mul(frames.into()) > limit {
            return Err(LimitExceeded::AnimationPixels { width, height, frames, limit });
        }
        Ok(())
    }
}

/// The error of an image that exceeds a limit, with the limit and the value of the image. `Display` gives a sentence
/// for the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitExceeded {
    /// A frame has more pixels than [`ImageLimits::pixels`].
    Pixels {
        /// This side of the image in pixels.
        width: u32,
        /// This side of the image in pixels.
        height: u32,
        /// The limit in pixels.
        limit: u64,
    },
    /// A side is longer than [`ImageLimits::side`].
    Side {
        /// This side of the image in pixels.
        width: u32,
        /// This side of the image in pixels.
        height: u32,
        /// The limit in pixels.
        limit: u32,
    },
    /// The animation has more frames than [`ImageLimits::frames`].
    Frames {
        /// The number of frames that were counted. The image may have more, since the reading stops above the limit.
        frames: u32,
        /// The limit as a number of frames.
        limit: u32,
    },
    /// All frames together have more pixels than [`ImageLimits::animation_pixels`].
    AnimationPixels {
        /// This side of the canvas in pixels.
        width: u32,
        /// This side of the canvas in pixels.
        height: u32,
        /// The number of frames of the animation.
        frames: u32,
        /// The limit in pixels.
        limit: u64,
    },
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Pixels { width, height, limit } => {
                let pixels = u64::from(width) * u64::from(height);
                write!(f, "The limit max_pixels is {limit}, and the image has {pixels} ({width} × {height}).")
            }
            Self::Side { width, height, limit } => {
                let side = width.max(height);
                write!(
                    f,
                    "The limit max_side is {limit}, and the image is {side} pixels long ({width} × {height})."
                )
            }
            Self::Frames { frames, limit } => {
                write!(f, "The limit max_frames is {limit}, and the animation has {frames} or more.")
            }
            Self::AnimationPixels { width, height, frames, limit } => {
                let pixels = (u64::from(width) * u64::from(height)).saturating_mul(frames.into());
                write!(
                    f,
                    "The limit max_animation_pixels is {limit}, and the animation has {pixels} \
                     ({width} × {height} × {frames})."
                )
            }
        }
    }
}

impl std::error::Error for LimitExceeded {}
