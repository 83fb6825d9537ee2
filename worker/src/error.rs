//! What can go wrong with a job; the type says what happens next.

use std::io;
use std::time::Duration;

use resizinator_shared::jobs::JobError;
use resizinator_shared::metadata::MetadataError;
use resizinator_shared::objects::ObjectError;

use crate::renderer::RendererError;

/// Why the worker cannot work at all.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The job queue lets nobody consume.
    #[error(transparent)]
    Jobs(#[from] JobError),
    /// The tables cannot be made as this version needs them.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// It should consume, and does not.
    #[error("the broker answers, and for {} s no job could come from it: ending, to be started anew", .0.as_secs())]
    NotConsuming(Duration),
    /// There are no renderers.
    #[error("the worker has no renderers: {0}")]
    Renderers(#[from] io::Error),
}

/// Why a claimed job came to no variants.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The file is at fault: it fails at once, with a code and a sentence for people.
    #[error("{detail}")]
    File {
        /// Stable, in `snake_case`.
        code: String,
        /// One sentence.
        detail: String,
    },
    /// A backend is at fault: later again.
    #[error("{0}")]
    Backend(String),
    /// The lease ran out, or the image was deleted: somebody else's now.
    #[error("the claim is lost")]
    ClaimLost,
}

impl From<MetadataError> for Failure {
    fn from(error: MetadataError) -> Self {
        Self::Backend(error.to_string())
    }
}

impl From<ObjectError> for Failure {
    fn from(error: ObjectError) -> Self {
        Self::Backend(error.to_string())
    }
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        Self::Backend(error.to_string())
    }
}

impl From<RendererError> for Failure {
    fn from(error: RendererError) -> Self {
        let detail = error.to_string();
        match error.code() {
            Some(code) => Self::File { code: code.to_owned(), detail },
            None => Self::Backend(detail),
        }
    }
}
