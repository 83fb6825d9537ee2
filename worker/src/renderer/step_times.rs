//! The time that a renderer spent on each step of one image.

use std::time::Duration;

use crate::pipeline::stopwatch::Stopwatch;

/// The time of each step. A decoder that shrinks while it decodes does so in the time of `decode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StepTimes {
    /// Decoding, and everything that is no other step.
    pub decode: Duration,
    /// Resizing, with the colours, the orientation and the placeholder of the variants.
    pub resize: Duration,
    /// Encoding both variants.
    pub encode: Duration,
}

impl StepTimes {
    /// The times of an image that took `all` in this thread.
    pub(super) fn measured(all: Duration) -> Self {
        let Stopwatch { resize, encode } = Stopwatch::read();
        Self { decode: all.saturating_sub(resize).saturating_sub(encode), resize, encode }
    }

    /// What of these times can be true, if all steps together took `all`. A renderer that a file has taken over says what
    /// it likes.
    pub(super) fn within(self, all: Duration) -> Self {
        let Self { decode, resize, encode } = self;
        if decode.saturating_add(resize).saturating_add(encode) <= all { self } else { Self::default() }
    }
}
