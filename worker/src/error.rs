//! What can go wrong with a job; the type says what happens next.

use resizinator_shared::jobs::JobError;
use resizinator_shared::metadata::MetadataError;
use resizinator_shared::objects::ObjectError;

/// Why a claimed job came to no variants.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The file is at fault: it fails at once, with a code and a sentence for people.
    #[error("{detail}")]
    File {
        /// Stable, in `snake_case`.
        code: &'static str,
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
