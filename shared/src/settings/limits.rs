//! Limits and times, with their defaults.

use std::time::Duration;

use resizinator_formats::ImageLimits;

use crate::variant::Heights;

/// Bounds on files, on work and on time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `RESIZINATOR_MAX_BYTES`: size of an upload in bytes.
    pub bytes: u64,
    /// `RESIZINATOR_MAX_PIXELS`, `RESIZINATOR_MAX_SIDE`, `RESIZINATOR_MAX_FRAMES` and
    /// `RESIZINATOR_MAX_ANIMATION_PIXELS`: what an image may have.
    pub image: ImageLimits,
    /// `RESIZINATOR_SMALL_HEIGHT` and `RESIZINATOR_MEDIUM_HEIGHT`, in pixels; `RESIZINATOR_MAX_ASPECT`, in heights.
    pub heights: Heights,
    /// `RESIZINATOR_SLOTS`: renders at a time in one worker.
    pub slots: u16,
    /// `RESIZINATOR_RENDERER_MEMORY`: what one decoder may allocate, in bytes.
    pub renderer_memory: u64,
    /// `RESIZINATOR_RENDER_TIMEOUT`: wall clock of one render.
    pub render: Duration,
    /// `RESIZINATOR_MAX_ATTEMPTS`: claims that may die while rendering.
    pub attempts: i32,
    /// `RESIZINATOR_LEASE`: how long a claim lasts without renewal.
    pub lease: Duration,
    /// `RESIZINATOR_RETRY_DELAYS`: how long jobs wait for a backend; one retry queue each.
    pub retry_delays: Vec<Duration>,
    /// `RESIZINATOR_UPLOAD_TIMEOUT`: the longest that storing an original may take.
    pub upload: Duration,
    /// `RESIZINATOR_GIVE_UP`: how long after acceptance an outage may delay an image.
    pub give_up: Duration,
    /// `RESIZINATOR_GRACE`: how long a shutdown may take.
    pub grace: Duration,
    /// `RESIZINATOR_URL_LIFETIME`: the longest that a signed URL works.
    pub url_lifetime: Duration,
    /// `RESIZINATOR_TOKENS_PER_USER`: a login beyond drops the user's oldest token.
    pub tokens_per_user: i64,
}

impl Limits {
    /// How long after a claim's last renewal its worker may still be at a put.
    pub fn latest_put(&self) -> Duration {
        /// More than clocks and scheduling can add to a put that began within its lease.
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
            slots: std::thread::available_parallelism()
                .map_or(1, |cores| u16::try_from(cores.get()).unwrap_or(64)),
            renderer_memory: 1 << 30,
            render: Duration::from_secs(15),
            attempts: 5,
            lease: Duration::from_secs(15),
            retry_delays: [5, 30, 120, 300].map(Duration::from_secs).to_vec(),
            upload: Duration::from_secs(300),
            give_up: Duration::from_secs(24 * 3600),
            grace: Duration::from_secs(25),
            url_lifetime: Duration::from_secs(3600),
            tokens_per_user: 20,
        }
    }
}
