//! Why a renderer came to no variants.

use std::io;
use std::time::Duration;

/// `Display` is a sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum RendererError {
    /// The pipeline refuses the file.
    #[error("{detail}")]
    Refused {
        /// Of [`crate::pipeline::RenderError::code`].
        code: String,
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
    /// A stable name for machines, in `snake_case`; none if the file is not at fault.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::Panicked => Some("renderer_panicked"),
            Self::TimedOut(_) => Some("render_timeout"),
            Self::Crashed => Some("renderer_crashed"),
            Self::OutOfMemory(_) => Some("renderer_out_of_memory"),
            Self::Unavailable(_) => None,
        }
    }
}
