//! The task that passes on what happens to images. Every process that changes images runs it.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::backends::Backends;

/// How often a process looks for events that another one has written and not passed on, because it was killed.
const POLL: Duration = Duration::from_secs(2);
/// The shortest time between two transactions that pass events on. The first event after a pause is passed on at once. The
/// events of the next 50 ms are passed on together, in one transaction and one message.
const LOT: Duration = Duration::from_millis(50);
/// How many events are passed on at a time. Their rows are locked meanwhile.
const BATCH: i64 = 500;

/// Makes events readable as soon as this process has written them, and tells the broker of them.
pub async fn keep_announcing(backends: &Backends) -> Infallible {
    let mut next = Instant::now();
    loop {
        sleep_until(next).await;
        next = Instant::now() + LOT;
        let events = match backends.metadata.number_image_events(BATCH).await {
            Ok(events) => events,
            Err(error) => {
                log::debug!("events are passed on later: {error}");
                sleep(POLL).await;
                continue;
            }
        };
        if let Some(announcer) = &backends.announcer
            && !events.is_empty()
        {
            announcer.announce(&events).await;
        }
        // What this process writes from here on completes the wait at once.
        if i64::try_from(events.len()).is_ok_and(|passed_on| passed_on < BATCH) {
            drop(timeout(POLL, backends.metadata.image_event_written()).await);
        }
    }
}
