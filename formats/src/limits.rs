//! What images are accepted and rendered, judged by their header.

use std::fmt;

use crate::header::Header;

/// The limits on one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageLimits {
    /// `max_pixels`: width × height of one frame.
    pub pixels: u64,
    /// `max_side`: width or height, in pixels.
    pub side: u32,
    /// `max_frames`: frames of an animation.
    pub frames: u32,
    /// `max_animation_pixels`: width × height × frames of an animation.
    pub animation_pixels: u64,
}

impl Default for ImageLimits {
    fn default() -> Self {
        Self { pixels: 100_000_000, side: 100_000, frames: 500, animation_pixels: 200_000_000 }
    }
}

impl ImageLimits {
    /// Holds an image against the limits.
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

/// A limit, its value, and the value of the image that exceeds it; `Display` is a sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitExceeded {
    /// More than [`ImageLimits::pixels`].
    Pixels {
        /// Of the image, in pixels.
        width: u32,
        /// Of the image, in pixels.
        height: u32,
        /// In pixels.
        limit: u64,
    },
    /// More than [`ImageLimits::side`].
    Side {
        /// Of the image, in pixels.
        width: u32,
        /// Of the image, in pixels.
        height: u32,
        /// In pixels.
        limit: u32,
    },
    /// More than [`ImageLimits::frames`].
    Frames {
        /// At least so many: the reading stops above the limit.
        frames: u32,
        /// In frames.
        limit: u32,
    },
    /// More than [`ImageLimits::animation_pixels`].
    AnimationPixels {
        /// Of the canvas, in pixels.
        width: u32,
        /// Of the canvas, in pixels.
        height: u32,
        /// Of the animation.
        frames: u32,
        /// In pixels.
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
