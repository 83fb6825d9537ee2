//! The refusal of a request because of a limit.

use std::fmt;

use resizinator_shared::settings::RateLimit;

use super::standing::Standing;

/// The refusal of a request because of one limit. Its first two sentences are those of Django REST framework.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) struct Throttled(Standing);

impl Throttled {
    pub(crate) fn by(standing: Standing) -> Self {
        Self(standing)
    }

    /// The limit.
    pub(crate) fn limit(&self) -> RateLimit {
        self.0.limit
    }

    /// The whole seconds after which the request may come again, at least 1.
    pub(crate) fn seconds(&self) -> u64 {
        self.0.seconds().max(1)
    }
}

impl fmt::Display for Throttled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, Standing { limit, rate, .. }) = (self.seconds(), self.0);
        let plural = if seconds == 1 { "" } else { "s" };
        write!(
            f,
            "Request was throttled. Expected available in {seconds} second{plural}. The limit {limit} is {rate}."
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use resizinator_shared::settings::Rate;

    use super::*;

    fn sentences(requests: u32, seconds: u32, missing: Duration) -> String {
        let rate = Rate::new(requests, seconds).expect("a rate");
        Throttled(Standing::new(RateLimit::Login, rate, missing, true)).to_string()
    }

    #[test]
    fn a_refusal_says_when_the_request_may_come_and_which_limit_it_met() {
        assert_eq!(
            sentences(2, 60, Duration::from_millis(46_500)),
            "Request was throttled. Expected available in 17 seconds. The limit login is 2 requests in 60 seconds."
        );
    }

    #[test]
    fn one_second_and_one_request_are_in_the_singular() {
        let expected = "Request was throttled. Expected available in 1 second. The limit login is 1 request in 1 second.";
        assert_eq!(sentences(1, 1, Duration::from_millis(200)), expected);
        assert_eq!(sentences(1, 1, Duration::ZERO), expected);
    }
}
