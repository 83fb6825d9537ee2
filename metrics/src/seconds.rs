//! Durations as metrics have them.

use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};

/// A histogram of durations in seconds, whose upper bounds are `count` powers of two from `shortest` on.
pub fn seconds(shortest: f64, count: u16) -> Histogram {
    Histogram::new(exponential_buckets(shortest, 2.0, count))
}
