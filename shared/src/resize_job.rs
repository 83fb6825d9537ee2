//! The resize job, which is the message that the api sends to the workers through the queue.

use serde::{Deserialize, Serialize};

use crate::ids::{Generation, ImageId, UserId};

/// The name of the job, which the AMQP property `type` of its message holds.
pub const RESIZE_JOB_TYPE: &str = "image.resize";

/// The version of the payload. A worker refuses a version that it does not know.
pub const RESIZE_JOB_VERSION: u32 = 1;

/// A job to make the variants of one image. It holds only ids, since the row says everything else.
///
/// Its JSON is `{"version":1,"image_id":7,"user_id":1,"generation":1}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResizeJob {
    /// The version of this payload.
    pub version: u32,
    /// The image's id.
    pub image_id: ImageId,
    /// The owner's id.
    pub user_id: UserId,
    /// The generation of variants to make.
    pub generation: Generation,
}

impl ResizeJob {
    /// Makes the job for an image as its row is now.
    pub fn of(image: &crate::image::Image) -> Self {
        Self {
            version: RESIZE_JOB_VERSION,
            image_id: image.id,
            user_id: image.user_id,
            generation: image.generation,
        }
    }

    /// Reads a job from the body of a message.
    pub fn parse(payload: &[u8]) -> Result<Self, BadJob> {
        let job: Self =
            serde_json::from_slice(payload).map_err(|error| BadJob::Malformed(error.to_string()))?;
        if job.version == RESIZE_JOB_VERSION { Ok(job) } else { Err(BadJob::Version(job.version)) }
    }
}

/// The error for a message that is not a job that this version can read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadJob {
    /// The body is not the JSON of a job.
    #[error("the message is not a resize job: {0}")]
    Malformed(String),
    /// The job has another version.
    #[error("the job has version {0}, this worker reads version {RESIZE_JOB_VERSION}")]
    Version(u32),
}
