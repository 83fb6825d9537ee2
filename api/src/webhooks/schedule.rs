//! When an event is tried again, and when a webhook is given up.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::RngExt;

use super::Outcome;

const HOUR: Duration = Duration::from_secs(3600);

/// The pauses after the first tries. After later ones it is the last.
const PAUSES: [Duration; 6] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
    Duration::from_secs(600),
    Duration::from_secs(1800),
    HOUR,
];

/// For how long a webhook may fail. Events are not kept much longer.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// The pause after a try that failed, when `earlier` tries had failed before. A target that asks for a longer one gets
/// it, up to an hour.
pub(super) fn pause(earlier: i32, outcome: &Outcome) -> Duration {
    let step = usize::try_from(earlier).unwrap_or(0).min(PAUSES.len() - 1);
    // So that a target which was away does not get everything at the same moment.
    let pause = PAUSES[step].mul_f64(rand::rng().random_range(0.8..=1.0));
    match outcome {
        Outcome::Refused { retry_after: Some(asked), .. } => pause.max((*asked).min(HOUR)),
        _ => pause,
    }
}

/// Why a webhook is disabled after this try, as a sentence; `None` if the event is tried again.
pub(super) fn end(
    outcome: &Outcome,
    error: &str,
    failing_since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<String> {
    if *outcome == Outcome::Gone {
        return Some(error.to_owned());
    }
    let failed_for = now - failing_since?;
    let is_over = failed_for.to_std().is_ok_and(|failed_for| failed_for >= PATIENCE);
    is_over.then(|| format!("No event could be delivered for {} hours. {error}", PATIENCE.as_secs() / 3600))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn refused(retry_after: Option<u64>) -> Outcome {
        Outcome::Refused { status: 500, retry_after: retry_after.map(Duration::from_secs) }
    }

    #[test]
    fn the_pauses_grow_to_an_hour_and_differ() {
        for (earlier, longest) in [(0, 5), (1, 30), (2, 120), (3, 600), (4, 1800), (5, 3600), (900, 3600)] {
            let pauses: Vec<_> = (0..20).map(|_| pause(earlier, &refused(None))).collect();
            let longest = Duration::from_secs(longest);
            assert!(
                pauses.iter().all(|pause| (longest.mul_f64(0.8)..=longest).contains(pause)),
                "{pauses:?}"
            );
            assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{pauses:?}");
        }
    }

    #[test]
    fn a_target_may_ask_for_a_longer_pause_of_at_most_an_hour() {
        assert_eq!(pause(0, &refused(Some(60))), Duration::from_secs(60));
        assert_eq!(pause(0, &refused(Some(86_400))), HOUR);
        assert!(pause(2, &refused(Some(1))) >= Duration::from_secs(96));
    }

    #[test]
    fn a_webhook_ends_after_a_day_of_failures_or_at_once_if_the_target_is_gone() {
        let now = Utc::now();
        let since = |hours| Some(now - TimeDelta::hours(hours));
        assert_eq!(end(&refused(None), "Why.", None, now), None);
        assert_eq!(end(&refused(None), "Why.", since(23), now), None);
        let reason = end(&refused(None), "Why.", since(24), now);
        assert_eq!(reason.as_deref(), Some("No event could be delivered for 24 hours. Why."));
        assert_eq!(end(&Outcome::Gone, "Gone.", None, now).as_deref(), Some("Gone."));
    }
}
