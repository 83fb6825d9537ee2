//! The limits on how often clients may ask. Each has a name and a rate (`RESIZINATOR_RATE_LIMITS`), and counts for each
//! client network, user or name by itself, in this process alone (docs/adr/0015-rate-limits-per-process.md).

mod asked;
mod buckets;
mod headers;
mod limiter;
mod request;
mod standing;
mod throttled;

#[cfg(test)]
mod tests;

use std::hash::{BuildHasher, Hash, RandomState};

use resizinator_shared::settings::{RateLimit, RateLimits};

use limiter::Limiter;

pub(crate) use headers::{POLICY, STATE};
pub(crate) use request::RequestLimits;
pub(crate) use standing::{Standing, Standings};
pub(crate) use throttled::Throttled;

/// The limits that are in force, and who has used how much of them.
pub(crate) struct Rates {
    /// One for each limit, in the order of [`RateLimit::ALL`]; none if the limits are off.
    limiters: Vec<Limiter>,
    hasher: RandomState,
}

impl Rates {
    pub(crate) fn new(limits: &RateLimits) -> Self {
        let limiters = limits.in_force().into_iter().flatten().map(|(limit, rate)| Limiter::new(limit, rate));
        Self { limiters: limiters.collect(), hasher: RandomState::new() }
    }

    /// Counts a request with this key, and says where the key stands with the limit then; `None` if the limits are off.
    fn check(&self, limit: RateLimit, key: impl Hash) -> Option<Standing> {
        let limiter = self.limiters.get(limit as usize)?;
        // The hash is kept in place of the key. It is as short for the longest name, and as nobody outside knows the
        // seed, nobody can find two keys that share one.
        Some(limiter.check(self.hasher.hash_one((limit, key))))
    }

    /// Forgets the keys that are as good as new, and gives their memory back.
    pub(crate) fn clean(&self) {
        self.limiters.iter().for_each(Limiter::clean);
    }
}
