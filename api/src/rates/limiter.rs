//! One limit in force. It is a bucket of requests for each key, which refills evenly (the generic cell rate algorithm,
//! GCRA).

use std::time::{Duration, Instant};

use governor::clock::MonotonicClock;
use governor::{Quota, RateLimiter};
use resizinator_shared::settings::{Rate, RateLimit};

use super::asked::Asked;
use super::buckets::Buckets;
use super::standing::Standing;

/// How many keys have a bucket of their own, of what strangers can make up: networks and names. A bucket takes 17 bytes,
/// and the tables of the map double when they are seven eighths full. So this many, three quarters of a power of two,
/// fill tables of 1.1 MiB. The tables of all limits together take 7 MiB, and with what the allocator keeps of the smaller
/// ones before they doubled, they have to stay below 16 MiB.
const OF_STRANGERS: usize = 3 << 14;

/// The same of what has to be a user.
const OF_USERS: usize = 3 << 13;

pub(super) struct Limiter {
    limit: RateLimit,
    rate: Rate,
    /// The beginning of the limiter's time, which governor does not tell.
    start: Instant,
    governor: RateLimiter<Asked, Buckets, MonotonicClock>,
}

impl Limiter {
    pub(super) fn new(limit: RateLimit, rate: Rate) -> Self {
        let interval = rate.interval();
        let quota =
            Quota::with_period(interval).expect("a rate has an interval").allow_burst(rate.requests());
        let buckets = Buckets::new(most_keys(limit), interval);
        let start = Instant::now();
        Self { limit, rate, start, governor: RateLimiter::new(quota, buckets, MonotonicClock) }
    }

    /// Counts a request if the limit allows it.
    pub(super) fn check(&self, key: u64) -> Standing {
        let asked = Asked::new(key);
        let is_refused = self.governor.check_key(&asked).is_err();
        let missing = Duration::from_nanos(asked.full_at.get()).saturating_sub(self.start.elapsed());
        Standing::new(self.limit, self.rate, missing, is_refused)
    }

    /// Forgets the keys that are as good as new, and gives their memory back.
    pub(super) fn clean(&self) {
        self.governor.retain_recent();
        self.governor.shrink_to_fit();
    }
}

#[cfg(test)]
impl Limiter {
    /// How many keys have a bucket.
    pub(super) fn kept(&self) -> usize {
        self.governor.len()
    }
}

fn most_keys(limit: RateLimit) -> usize {
    match limit {
        RateLimit::Address
        | RateLimit::Register
        | RateLimit::Login
        | RateLimit::LoginStranger
        | RateLimit::LoginName => OF_STRANGERS,
        RateLimit::User | RateLimit::LoginKnown | RateLimit::Password => OF_USERS,
    }
}
