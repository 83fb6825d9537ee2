//! The choice among the retry delays for a delay that a worker asks for.

use std::time::Duration;

/// The shortest of the delays that is not shorter than the one asked for, or else the longest; `None` if there are
/// none.
pub fn nearest(delays: &[Duration], asked: Duration) -> Option<Duration> {
    delays.iter().copied().filter(|delay| *delay >= asked).min().or_else(|| delays.iter().copied().max())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_rounded_up_and_capped_by_the_longest() {
        let delays = [5, 30, 120].map(Duration::from_secs);
        let of = |seconds| nearest(&delays, Duration::from_secs(seconds)).map(|delay| delay.as_secs());
        assert_eq!(
            [of(0), of(5), of(6), of(120), of(999)],
            [Some(5), Some(5), Some(30), Some(120), Some(120)]
        );
        assert_eq!(nearest(&[], Duration::ZERO), None);
    }
}
