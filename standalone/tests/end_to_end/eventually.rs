//! A helper that waits for a condition, but not for ever.

use std::time::{Duration, Instant};

/// How long to wait. It is long, since the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(50);

/// Asks until there is an answer, and panics with `what` if there is none for too long.
pub(crate) async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        if let Some(answer) = ask().await {
            return answer;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("waited {} s in vain: {what}", PATIENCE.as_secs());
}
