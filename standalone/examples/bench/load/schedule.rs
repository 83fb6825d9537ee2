//! The schedule of an open loop: its uploads begin at fixed times, however slow the answers are.

use std::time::Duration;

use anyhow::ensure;

/// A schedule of evenly spaced arrivals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Schedule {
    /// The number of arrivals per second.
    rate: f64,
    count: u32,
}

impl Schedule {
    /// A schedule of `rate` arrivals per second for about `length`. It has at least two arrivals.
    pub(crate) fn new(rate: f64, length: Duration) -> anyhow::Result<Self> {
        ensure!(rate.is_finite() && rate > 0.0, "{rate} arrivals a second cannot be made");
        let count = (rate * length.as_secs_f64()).round().max(2.0);
        ensure!(count <= 1e6, "{count} arrivals are too many");
        Ok(Self { rate, count: count as u32 })
    }

    /// The times of the arrivals after the start of the load. Each is computed from its number, so that rounding
    /// errors do not add up.
    pub(crate) fn arrivals(self) -> impl Iterator<Item = Duration> {
        (0..self.count).map(move |number| Duration::from_secs_f64(f64::from(number) / self.rate))
    }

    pub(crate) fn rate(self) -> f64 {
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_evenly_spaced_and_begin_at_once() {
        let schedule = Schedule::new(4.0, Duration::from_secs(1)).expect("a schedule");
        let arrivals: Vec<_> = schedule.arrivals().collect();
        assert_eq!(arrivals, [0, 250, 500, 750].map(Duration::from_millis));
    }

    #[test]
    fn rounding_does_not_add_up() {
        let schedule = Schedule::new(3.0, Duration::from_secs(10_000)).expect("a schedule");
        assert_eq!(schedule.arrivals().count(), 30_000);
        assert_eq!(schedule.arrivals().nth(29_997), Some(Duration::from_secs(9999)));
    }

    #[test]
    fn even_the_shortest_load_has_two_arrivals() {
        let schedule = Schedule::new(0.5, Duration::from_secs(1)).expect("a schedule");
        assert_eq!(schedule.arrivals().collect::<Vec<_>>(), [0, 2].map(Duration::from_secs));
    }

    #[test]
    fn a_rate_that_was_not_measured_is_an_error() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert!(Schedule::new(rate, Duration::from_secs(10)).is_err(), "{rate}");
        }
    }
}
