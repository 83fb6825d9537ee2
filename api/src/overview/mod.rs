//! What operators are told of the service. It is made at most once a second, however many of them ask.

mod body;

use std::time::Duration;

use resizinator_shared::metadata::MetadataError;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

pub(crate) use body::Overview;

use crate::error::ApiError;
use crate::metrics::GRACE;
use crate::state::ApiState;

/// For how long an answer is given to whoever asks, at least.
const FRESH: Duration = Duration::from_secs(1);
/// An answer that the database took long for is given for so many times as long, so that a slow database has time for other
/// work.
const REST: u32 = 10;
/// For how long an answer is given at most.
const LONGEST: Duration = Duration::from_secs(10);
/// How long the broker may take.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long ago a worker that is told of has said that it runs. It says so every five seconds.
const SEEN: Duration = Duration::from_secs(60);
/// The most workers that are told of.
const WORKERS: i64 = 1000;

/// The last answer. Requests that come while one is made wait for it.
#[derive(Default)]
pub(crate) struct LastOverview(Mutex<Option<Made>>);

struct Made {
    at: Instant,
    good_for: Duration,
    json: Result<String, MetadataError>,
}

impl LastOverview {
    /// The answer as JSON, made now or a short time ago.
    pub(crate) async fn fresh(&self, state: &ApiState) -> Result<String, ApiError> {
        let mut last = self.0.lock().await;
        let known = last.take().filter(|made| made.at.elapsed() < made.good_for);
        let made = match known {
            Some(made) => made,
            None => Made::now(state).await,
        };
        let json = made.json.as_ref().map(String::clone).map_err(ApiError::from);
        *last = Some(made);
        json
    }
}

impl Made {
    async fn now(state: &ApiState) -> Self {
        let metadata = &state.backends.metadata;
        let begin = Instant::now();
        let stored = async {
            let images = metadata.overview(GRACE).await?;
            let took = begin.elapsed();
            Ok::<_, MetadataError>((images, metadata.workers(SEEN, WORKERS).await?, took))
        };
        let depth = async { timeout(PATIENCE, state.backends.jobs.depth()).await.ok()?.ok() };
        let (stored, depth) = tokio::join!(stored, depth);
        let good_for = stored.as_ref().map_or(FRESH, |(.., took)| (*took * REST).clamp(FRESH, LONGEST));
        let json = stored.and_then(|(images, workers, _)| {
            let overview = Overview::of(images, workers, depth, &state.settings);
            serde_json::to_string(&overview)
                .map_err(|error| MetadataError::Defect { statement: "overview", cause: error.to_string() })
        });
        Self { at: Instant::now(), good_for, json }
    }
}
