//! Where a client stands with a limit.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use resizinator_shared::settings::{Rate, RateLimit};

/// Where a client stands with one limit after a request was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) limit: RateLimit,
    pub(crate) rate: Rate,
    /// How many more requests may come now.
    pub(crate) remaining: u32,
    /// The time after which one more may come.
    pub(crate) next: Duration,
    /// Whether the limit has refused the request.
    pub(crate) is_refused: bool,
}

impl Standing {
    /// Works it out from the time after which the bucket is full again.
    pub(super) fn new(limit: RateLimit, rate: Rate, missing: Duration, is_refused: bool) -> Self {
        let (interval, requests) = (rate.interval(), rate.requests().get());
        let used = missing.as_nanos().div_ceil(interval.as_nanos());
        let used = u32::try_from(used).unwrap_or(requests).min(requests);
        let remaining = if is_refused { 0 } else { requests - used };
        let next = missing.saturating_sub(interval * used.saturating_sub(1));
        Self { limit, rate, remaining, next, is_refused }
    }

    /// The time after which one more request may come, in whole seconds. It is rounded up, so that it is never too early.
    pub(crate) fn seconds(&self) -> u64 {
        self.next.as_secs() + u64::from(self.next.subsec_nanos() > 0)
    }
}

/// Where the client of a request stands with all limits that the request was held against so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standings(Rc<RefCell<Vec<Standing>>>);

impl Standings {
    pub(super) fn add(&self, standing: Standing) {
        self.0.borrow_mut().push(standing);
    }

    /// A copy of the list, in the order in which the limits were asked.
    pub(crate) fn all(&self) -> Vec<Standing> {
        self.0.borrow().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(missing: Duration) -> (u32, u64) {
        let rate = Rate::new(20, 60).expect("a rate");
        let standing = Standing::new(RateLimit::Login, rate, missing, false);
        (standing.remaining, standing.seconds())
    }

    #[test]
    fn a_bucket_gains_one_request_at_a_time() {
        assert_eq!(standing(Duration::ZERO), (20, 0));
        assert_eq!(standing(Duration::from_millis(1)), (19, 1));
        assert_eq!(standing(Duration::from_secs(3)), (19, 3));
        assert_eq!(standing(Duration::from_millis(3001)), (18, 1));
        assert_eq!(standing(Duration::from_secs(60)), (0, 3));
    }

    #[test]
    fn a_bucket_that_is_empty_says_when_it_has_one_request() {
        let rate = Rate::new(20, 60).expect("a rate");
        let standing = Standing::new(RateLimit::Login, rate, Duration::from_millis(59_001), true);
        assert_eq!((standing.remaining, standing.seconds()), (0, 3));
    }
}
