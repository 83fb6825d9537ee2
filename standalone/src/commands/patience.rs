use std::fmt::Display;
use std::time::{Duration, Instant};

use resizinator_shared::back_off::BackOff;

/// How long a command waits for a service that is still starting, or that is away for a short time.
const PATIENCE: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Does something that can be repeated until it succeeds, or until its error is another one than that a service is away.
pub(super) async fn patiently<T, E: Display>(
    is_away: impl Fn(&E) -> bool,
    work: impl AsyncFn() -> Result<T, E>,
) -> Result<T, E> {
    let (begin, mut back_off) = (Instant::now(), BackOff::new(FIRST_PAUSE, LONGEST_PAUSE));
    loop {
        match work().await {
            Err(error) if is_away(&error) && begin.elapsed() < PATIENCE => {
                log::warn!("{error}; trying again soon");
                back_off.pause().await;
            }
            outcome => return outcome,
        }
    }
}
