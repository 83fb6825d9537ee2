//! What ends the worker, and what ends an attempt at an image; the variant says what happens next.

use std::io;
use std::time::Duration;

use resizinator_shared::failure_code::FailureCode;
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

/// Why an attempt at a claimed image came to no variants.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AttemptError {
    /// The file is at fault: the image fails at once, with a code and a sentence for people.
    #[error("{detail}")]
    File {
        /// Why it fails.
        code: FailureCode,
        /// One sentence.
        detail: String,
    },
    /// The object store answers and does not have the original.
    #[error("the object store does not have the original")]
    OriginalMissing,
    /// A backend is away: the job comes again later, and the worker waits for the backend.
    #[error("{0}")]
    Backend(String),
    /// The service itself is at fault: the job comes again, and the attempt counts.
    #[error("{0}")]
    Defect(String),
    /// The lease ran out, or the image was deleted: there is nothing left to write.
    #[error("the claim is lost")]
    ClaimLost,
}

impl From<MetadataError> for AttemptError {
    fn from(error: MetadataError) -> Self {
        match error {
            MetadataError::Unavailable(_) => Self::Backend(error.to_string()),
            MetadataError::Taken(_) | MetadataError::Defect { .. } => Self::Defect(error.to_string()),
        }
    }
}

impl From<ObjectError> for AttemptError {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Unavailable(_) => Self::Backend(error.to_string()),
            // The row says how long the original is, and a put finds no object missing.
            ObjectError::TooLarge { .. } | ObjectError::NotFound(_) => Self::Defect(error.to_string()),
        }
    }
}

impl From<RendererError> for AttemptError {
    fn from(error: RendererError) -> Self {
        let detail = error.to_string();
        match error.code() {
            Some(code) => Self::File { code, detail },
            None => Self::Backend(detail),
        }
    }
}
