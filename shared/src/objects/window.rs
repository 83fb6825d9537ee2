//! The signing window: the time during which the signed URL of an object stays the same.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// The lifetime of signed URLs, and the rounding of their signing time. The time is rounded down to a quarter of the
/// lifetime, so that browsers and CDNs can cache the answer of a URL. A URL works for at least three quarters of the
/// lifetime, and at most for the whole of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SigningWindow {
    lifetime: Duration,
}

impl SigningWindow {
    /// Makes the window of URLs that work for at most `lifetime`, in whole seconds and at least four.
    pub const fn new(lifetime: Duration) -> Self {
        Self { lifetime }
    }

    /// The longest time for which a URL works.
    pub const fn lifetime(self) -> Duration {
        self.lifetime
    }

    /// The length of a window, which is also the `max-age` in `Cache-Control`.
    pub const fn length(self) -> Duration {
        Duration::from_secs(self.lifetime.as_secs() / 4)
    }

    /// The signing time of every URL that is signed in the same window as `now`.
    pub fn signed_at(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let length = i64::try_from(self.length().as_secs()).unwrap_or(i64::MAX).max(1);
        now - TimeDelta::seconds(now.timestamp().rem_euclid(length))
            - TimeDelta::nanoseconds(now.timestamp_subsec_nanos().into())
    }

    /// The header `Cache-Control` of an object.
    pub fn cache_control(self) -> String {
        format!("private, max-age={}", self.length().as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_works_between_three_quarters_of_the_lifetime_and_all_of_it() {
        let window = SigningWindow::new(Duration::from_secs(3600));
        for second in (0..7200).step_by(7) {
            let now = DateTime::from_timestamp(1_716_059_106 + second, 5).expect("a time");
            let left = window.signed_at(now) + window.lifetime() - now;
            assert!(left > TimeDelta::minutes(45) - TimeDelta::seconds(1) && left <= TimeDelta::minutes(60));
        }
    }
}
