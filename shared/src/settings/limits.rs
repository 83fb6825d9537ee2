//! The limits of the service, with their defaults.

use std::time::Duration;

use resizinator_formats::ImageLimits;

use crate::account::{Quota, Quotas};
use crate::variant::{Heights, VariantFormat};

/// The limits on files, on work and on time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `RESIZINATOR_MAX_BYTES`: the largest size of an upload in bytes.
    pub bytes: u64,
    /// `RESIZINATOR_MAX_PIXELS`, `RESIZINATOR_MAX_SIDE`, `RESIZINATOR_MAX_FRAMES` and
    /// `RESIZINATOR_MAX_ANIMATION_PIXELS`: how large an image may be.
    pub image: ImageLimits,
    /// `RESIZINATOR_SMALL_HEIGHT` and `RESIZINATOR_MEDIUM_HEIGHT`: the heights of the variants in pixels.
    /// `RESIZINATOR_MAX_ASPECT`: the largest width of a variant, as a multiple of its height.
    pub heights: Heights,
    /// `RESIZINATOR_VARIANTS`: the format that the variants are written in.
    pub variants: VariantFormat,
    /// `RESIZINATOR_SLOTS`: how many images one worker renders at the same time.
    pub slots: u16,
    /// `RESIZINATOR_RENDERER_MEMORY`: how many bytes one decoder may allocate.
    pub renderer_memory: u64,
    /// `RESIZINATOR_UNCONFINED`: whether images are rendered even if the system refuses the renderers' filter of system
    /// calls (seccomp).
    pub accept_unconfined: bool,
    /// `RESIZINATOR_RENDER_TIMEOUT`: how long the rendering of one image may take. It is tried
    /// twice.
    pub render: Duration,
    /// `RESIZINATOR_MAX_ATTEMPTS`: how many claims of an image may end without a result before the image fails.
    pub attempts: i32,
    /// `RESIZINATOR_LEASE`: how long a claim lasts if it is not renewed.
    pub lease: Duration,
    /// `RESIZINATOR_RETRY_DELAYS`: how long a job waits before its next try. Each delay has its own retry queue.
    pub retry_delays: Vec<Duration>,
    /// `RESIZINATOR_UPLOAD_TIMEOUT`: how long the storing of an original may take.
    pub upload: Duration,
    /// `RESIZINATOR_GIVE_UP`: how long after its acceptance an image may wait for a backend before it fails.
    pub give_up: Duration,
    /// `RESIZINATOR_GRACE`: how long a shutdown may take.
    pub grace: Duration,
    /// `RESIZINATOR_URL_LIFETIME`: how long a signed URL works at most.
    pub url_lifetime: Duration,
    /// `RESIZINATOR_TOKENS_PER_USER`: how many tokens a user may have. One more login removes the user's oldest token.
    pub tokens_per_user: i64,
    /// `RESIZINATOR_TOKEN_LIFETIME`: how long after its last use a token expires.
    pub token_lifetime: Duration,
    /// `RESIZINATOR_PASSWORD_MIN`: how many characters a new password has at least.
    pub password_min: usize,
    /// `RESIZINATOR_MAX_IMAGES_PER_USER` and `RESIZINATOR_MAX_BYTES_PER_USER`: how much a user may keep, unless an
    /// operator has set other quotas for the user.
    pub quotas: Quotas,
    /// The limits on uploads that are running.
    pub uploads: UploadLimits,
}

/// The limits on uploads that are running at the same time in one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadLimits {
    /// `RESIZINATOR_MAX_UPLOADS`: how many uploads may run.
    pub at_once: u32,
    /// `RESIZINATOR_MAX_UPLOADS_PER_USER`: how many of them may be of the same user.
    pub per_user: u32,
    /// `RESIZINATOR_MIN_FREE_DISK`: how many bytes uploads leave free on the disk of the temporary files.
    pub min_free_disk: u64,
}

impl Default for UploadLimits {
    fn default() -> Self {
        Self { at_once: 256, per_user: 64, min_free_disk: 256 << 20 }
    }
}

impl Limits {
    /// How long after the last renewal of a claim its worker may still be writing an object.
    pub fn latest_put(&self) -> Duration {
        /// A margin that is longer than clocks and scheduling can delay a put that began within its lease.
        const MARGIN: Duration = Duration::from_secs(30);
        self.lease + self.upload + MARGIN
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 50 << 20,
            image: ImageLimits::default(),
            heights: Heights::default(),
            variants: VariantFormat::default(),
            slots: std::thread::available_parallelism()
                .map_or(1, |cores| u16::try_from(cores.get()).unwrap_or(64)),
            renderer_memory: 1 << 30,
            accept_unconfined: false,
            render: Duration::from_secs(15),
            attempts: 5,
            lease: Duration::from_secs(15),
            retry_delays: [5, 30, 120, 300].map(Duration::from_secs).to_vec(),
            upload: Duration::from_secs(300),
            give_up: Duration::from_secs(24 * 3600),
            grace: Duration::from_secs(25),
            url_lifetime: Duration::from_secs(3600),
            tokens_per_user: 20,
            token_lifetime: Duration::from_secs(90 * 86_400),
            password_min: 8,
            quotas: Quotas { images: Quota::at_most(100_000), bytes: Quota::at_most(50 << 30) },
            uploads: UploadLimits::default(),
        }
    }
}
