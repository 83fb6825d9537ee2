//! Forgets the clients that have not asked lately, so that an idle process keeps nothing of a busy hour.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::state::ApiState;

const PAUSE: Duration = Duration::from_secs(60);

pub(super) struct Forgetter {
    last: Instant,
}

impl Default for Forgetter {
    fn default() -> Self {
        Self { last: Instant::now() }
    }
}

impl Forgetter {
    /// Forgets once in a while.
    pub(super) async fn run(&mut self, state: &ApiState) {
        if self.last.elapsed() < PAUSE {
            return;
        }
        self.last = Instant::now();
        let rates = Arc::clone(&state.rates);
        // It takes some milliseconds, for which a thread of the event loops should not wait.
        drop(tokio::task::spawn_blocking(move || rates.clean()).await);
    }
}
