//! The number of times that an animation is shown.

/// The number of times that an animation is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopCount {
    /// The animation is shown this many times in total. 1 means that it is not repeated.
    Times(u32),
    /// The animation is repeated forever.
    Forever,
}
