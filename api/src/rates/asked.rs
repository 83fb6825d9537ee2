//! The question that a check asks the buckets.

use std::cell::Cell;
use std::hash::{Hash, Hasher};

/// The key of a request, and the place for the answer, which governor itself tells only roughly.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) key: u64,
    /// The time at which the key's bucket is full again, in nanoseconds since the limiter was made. The buckets set it.
    pub(super) full_at: Cell<u64>,
}

impl Asked {
    pub(super) fn new(key: u64) -> Self {
        Self { key, full_at: Cell::new(0) }
    }
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Asked {}

impl Hash for Asked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}
