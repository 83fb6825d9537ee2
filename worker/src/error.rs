//! The errors that end the worker, and the errors that end an attempt to process an image. The variant of an attempt's
//! error decides what happens next.

use std::io;
use std::time::Duration;

use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::jobs::JobError;
use resizinator_shared::metadata::MetadataError;
use resizinator_shared::objects::ObjectError;

use crate::renderer::RendererError;

/// An error that ends the worker.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The worker cannot consume from the job queue.
    #[error(transparent)]
    Jobs(#[from] JobError),
    /// The database cannot be migrated to the schema of this version.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// The broker answers, but the worker has had no subscription for this long.
    #[error("the broker answers, and for {} s no job could come from it: ending, to be started anew", .0.as_secs())]
    NotConsuming(Duration),
    /// The renderers cannot be started.
    #[error("the worker has no renderers: {0}")]
    Renderers(#[from] io::Error),
}

/// The reason why an attempt to process a claimed image failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AttemptError {
    /// The file is at fault: the image fails at once, with a code and a sentence for the user.
    #[error("{detail}")]
    File {
        /// The code that the image fails with.
        code: FailureCode,
        /// One sentence that explains the failure to the user.
        detail: String,
    },
    /// The object store answers, but it does not have the original.
    #[error("the object store does not have the original")]
    OriginalMissing,
    /// A backend does not answer: the job is retried later, and the worker waits for the backend.
    #[error("{0}")]
    Backend(String),
    /// The service itself is at fault: the job is retried, and the attempt counts towards the limit.
    #[error("{0}")]
    Defect(String),
    /// The lease has expired or the image was deleted: this worker must not write anything more.
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
