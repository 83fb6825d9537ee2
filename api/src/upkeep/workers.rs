//! The upkeep of the workers that are running: it removes the rows of those that were killed.

use std::time::{Duration, Instant};

use resizinator_shared::metadata::MetadataError;

use crate::state::ApiState;

/// How often this runs, since nobody waits for it.
const SELDOM: Duration = Duration::from_secs(60);
/// How long the row of a worker that says nothing is kept.
const KEPT: Duration = Duration::from_secs(3600);

#[derive(Default)]
pub(super) struct Workers {
    last: Option<Instant>,
}

impl Workers {
    pub(super) async fn run(&mut self, state: &ApiState) -> Result<(), MetadataError> {
        if self.last.is_some_and(|last| last.elapsed() < SELDOM) {
            return Ok(());
        }
        state.backends.metadata.forget_silent_workers(KEPT).await?;
        self.last = Some(Instant::now());
        Ok(())
    }
}
