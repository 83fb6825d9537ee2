//! Why a renderer came to no variants.

use std::io;
use std::time::Duration;

use resizinator_shared::failure_code::FailureCode;

/// `Display` is a sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum RendererError {
    /// The pipeline refuses the file.
    #[error("{detail}")]
    Refused {
        /// Of [`crate::pipeline::RenderError::code`].
        code: FailureCode,
        /// Its sentence.
        detail: String,
    },
    /// A bug that the file has found; the same file would find it again.
    #[error("The image could not be rendered: its decoder gave up.")]
    Panicked,
    /// Killed by the wall clock.
    #[error("Rendering took longer than the limit of {} s.", .0.as_secs())]
    TimedOut(Duration),
    /// Two renderers died of it one after the other.
    #[error("The image could not be rendered: its decoder crashed.")]
    Crashed,
    /// Two renderers had no memory left one after the other.
    #[error("Rendering the image takes more memory than the limit of {0} bytes.")]
    OutOfMemory(u64),
    /// No renderer could be started; not the file's fault.
    #[error("no renderer: {0}")]
    Unavailable(#[from] io::Error),
}

impl RendererError {
    /// The code that the image fails with; none if another try may end well.
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
