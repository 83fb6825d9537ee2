use std::time::{Duration, Instant};

use resizinator_shared::back_off::BackOff;

/// How long a command waits for a service that is still starting.
const LONGEST: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The patience of a command that runs once while the services start beside it.
pub(super) struct Patience {
    end: Instant,
    back_off: BackOff,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self { end: Instant::now() + LONGEST, back_off: BackOff::new(FIRST_PAUSE, LONGEST_PAUSE) }
    }

    pub(super) fn is_left(&self) -> bool {
        Instant::now() < self.end
    }

    pub(super) async fn pause(&mut self) {
        self.back_off.pause().await;
    }
}
