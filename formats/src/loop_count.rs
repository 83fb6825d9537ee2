//! How often an animation is shown.

/// How often an animation is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopCount {
    /// So many times in all: 1 means that it is not repeated.
    Times(u32),
    /// Again and again.
    Forever,
}
