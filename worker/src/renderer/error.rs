//! The reasons why a renderer could not make the variants of an image.

use std::io;
use std::time::Duration;

use resizinator_shared::failure_code::FailureCode;

/// The reason why rendering failed. `Display` gives a sentence for the user, except for `Unavailable`.
#[derive(Debug, thiserror::Error)]
pub enum RendererError {
    /// The pipeline refuses the file.
    #[error("{detail}")]
    Refused {
        /// The code of the pipeline's error, see [`crate::pipeline::RenderError::code`].
        code: FailureCode,
        /// The sentence of the pipeline's error.
        detail: String,
    },
    /// The renderer panicked. This is a bug that the file triggers, so another try would end the same way.
    #[error("The image could not be rendered: its decoder gave up.")]
    Panicked,
    /// Two renderers were killed, one after the other, because they took longer than the time limit.
    #[error("Rendering took longer than the limit of {} s.", .0.as_secs())]
    TimedOut(Duration),
    /// Two renderers crashed on the file, one after the other.
    #[error("The image could not be rendered: its decoder crashed.")]
    Crashed,
    /// Two renderers ran out of memory on the file, one after the other.
    #[error("Rendering the image takes more memory than the limit of {0} bytes.")]
    OutOfMemory(u64),
    /// No renderer could be started, which is not the file's fault.
    #[error("no renderer: {0}")]
    Unavailable(#[from] io::Error),
}

impl RendererError {
    /// The code that the image fails with, or `None` if a later try may succeed.
    #[must_use]
    pub fn code(&self) -> Option<FailureCode> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            Self::Panicked => Some(FailureCode::RendererPanicked),
            Self::TimedOut(_) => Some(FailureCode::RenderTimeout),
            Self::Crashed => Some(FailureCode::RendererCrashed),
            Self::OutOfMemory(_) => Some(FailureCode::RendererOutOfMemory),
            Self::Unavailable(_) => None,
        }
    }
}
