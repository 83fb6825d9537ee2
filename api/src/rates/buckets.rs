//! The buckets of one limit: one number for each key that has asked lately. There is an upper limit on them, since a
//! stranger with a large IPv6 network has as many keys as it likes.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use governor::nanos::Nanos;
use governor::state::keyed::{DashMapStateStore, ShrinkableKeyedStateStore};
use governor::state::{InMemoryState, StateStore};

use super::asked::Asked;

/// The bit that every key with a bucket of its own has, and no shared bucket.
const OWN: u64 = 1 << 63;

/// How many buckets the keys share for which there is no room. If such keys were let through, whoever fills the buckets
/// would be without limits; if they were all refused, every newcomer would be locked out. Shared buckets hold the keys
/// to the limit together, and a few that are overrun leave the others usable.
const SHARED: u64 = 1024;

/// How long full buckets are not searched again for ones that are as good as new. A search takes about a millisecond.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Buckets {
    map: DashMapStateStore<u64>,
    most: usize,
    /// About as many buckets as there are. To count them, every part of the map would have to be locked.
    kept: AtomicUsize,
    /// The time for one request.
    interval: Duration,
    start: Instant,
    /// When full buckets were last searched, in nanoseconds since the start.
    searched: AtomicU64,
}

impl Buckets {
    /// Makes room for `most` keys with a bucket of their own.
    pub(super) fn new(most: usize, interval: Duration) -> Self {
        Self {
            map: DashMapStateStore::default(),
            most,
            kept: AtomicUsize::new(0),
            interval,
            start: Instant::now(),
            searched: AtomicU64::new(0),
        }
    }

    /// The bucket of a key: its own, as long as there is room for one.
    fn bucket(&self, key: u64) -> u64 {
        let own = key | OWN;
        if self.map.contains_key(&own) {
            return own;
        }
        if !self.has_room() {
            return key % SHARED;
        }
        let count = || {
            self.kept.fetch_add(1, Relaxed);
            InMemoryState::default()
        };
        drop(self.map.entry(own).or_insert_with(count));
        own
    }

    fn has_room(&self) -> bool {
        let is_full = || self.kept.load(Relaxed) >= self.most;
        if is_full() && self.may_search() {
            let now = self.start.elapsed();
            self.retain_recent(now.saturating_sub(self.interval).into());
        }
        !is_full()
    }

    /// Whether the caller may search full buckets now. If several ask at the same time, only one of them may.
    fn may_search(&self) -> bool {
        let now = Nanos::from(self.start.elapsed()).as_u64();
        let last = self.searched.load(Relaxed);
        let is_time = last == 0 || now.saturating_sub(last) >= Nanos::from(PAUSE).as_u64();
        is_time && self.searched.compare_exchange(last, now, Relaxed, Relaxed).is_ok()
    }
}

impl StateStore for Buckets {
    type Key = Asked;

    fn measure_and_replace<T, F, E>(&self, asked: &Asked, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.map.measure_and_replace(&self.bucket(asked.key), |full_at| {
            asked.full_at.set(full_at.map_or(0, |full_at| full_at.as_u64()));
            let (outcome, full_at) = decide(full_at)?;
            asked.full_at.set(full_at.as_u64());
            Ok((outcome, full_at))
        })
    }
}

impl ShrinkableKeyedStateStore<Asked> for Buckets {
    fn retain_recent(&self, drop_below: Nanos) {
        self.map.retain_recent(drop_below);
        self.kept.store(self.map.len(), Relaxed);
    }

    fn shrink_to_fit(&self) {
        self.map.shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.kept.load(Relaxed)
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
