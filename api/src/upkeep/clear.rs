//! Removes the files that uploads of killed processes have left in the object store.

use std::time::{Duration, Instant};

use super::expire::longest_upload;
use crate::state::ApiState;

const PAUSE: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct Clearer {
    last: Option<Instant>,
}

impl Clearer {
    /// Clears once in a while, for the first time right after the start.
    pub(super) async fn run(&mut self, state: &ApiState) {
        if self.last.is_some_and(|last| last.elapsed() < PAUSE) {
            return;
        }
        self.last = Some(Instant::now());
        match state.backends.objects.clear_abandoned(longest_upload(&state.settings.limits)).await {
            Ok(0) => {}
            Ok(files) => log::info!("{files} files of uploads that were broken off are cleared away"),
            Err(error) => {
                log::warn!("files of uploads that were broken off cannot be cleared away yet: {error}")
            }
        }
    }
}
