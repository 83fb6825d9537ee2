//! The resize job, as it travels through the queue.

use serde::{Deserialize, Serialize};

use crate::ids::{Generation, ImageId, UserId};

/// Name of the job in the AMQP property `type`.
pub const RESIZE_JOB_TYPE: &str = "image.resize";

/// Version of the payload. A worker refuses versions that it does not know.
pub const RESIZE_JOB_VERSION: u32 = 1;

/// One image to make variants of: ids only, since the row is the truth.
///
/// JSON: `{"version":1,"image_id":7,"user_id":1,"generation":1}`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResizeJob {
    /// Version of this payload.
    pub version: u32,
    /// The image's id.
    pub image_id: ImageId,
    /// The owner's id.
    pub user_id: UserId,
    /// Which generation of variants to make.
    pub generation: Generation,
}

impl ResizeJob {
    /// The job for an image as its row has it now.
    pub fn of(image: &crate::image::Image) -> Self {
        Self {
            version: RESIZE_JOB_VERSION,
            image_id: image.id,
            user_id: image.user_id,
            generation: image.generation,
        }
    }

    /// Reads a message's body.
    pub fn parse(payload: &[u8]) -> Result<Self, BadJob> {
        let job: Self =
            serde_json::from_slice(payload).map_err(|error| BadJob::Malformed(error.to_string()))?;
        if job.version == RESIZE_JOB_VERSION { Ok(job) } else { Err(BadJob::Version(job.version)) }
    }
}

/// A message that is not a job of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadJob {
    /// The body is not the JSON of a job.
    #[error("the message is not a resize job: {0}")]
    Malformed(String),
    /// A job of another version.
    #[error("the job has version {0}, this worker reads version {RESIZE_JOB_VERSION}")]
    Version(u32),
}
