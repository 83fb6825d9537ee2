//! Pauses between tries that grow and differ from process to process.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// Pauses that double from a first one up to a longest one, each with up to half of it less at random, so that many
/// processes that lost the same backend do not come back to it at the same moment.
#[derive(Debug)]
pub struct BackOff {
    policy: ExponentialBuilder,
    pauses: ExponentialBackoff,
}

impl BackOff {
    /// `first` and `longest` are bounds that include the random part.
    pub fn new(first: Duration, longest: Duration) -> Self {
        // backon adds up to as much again at random, so it starts from the half.
        let policy = ExponentialBuilder::new()
            .with_min_delay(first / 2)
            .with_max_delay(longest / 2)
            .without_max_times()
            .with_jitter();
        Self { policy, pauses: policy.build() }
    }

    /// The next pause, without sleeping.
    pub fn next_pause(&mut self) -> Duration {
        self.pauses.next().expect("an endless policy always has a next pause")
    }

    /// Sleeps for the next pause.
    pub async fn pause(&mut self) {
        tokio::time::sleep(self.next_pause()).await;
    }

    /// Starts again with the first pause.
    pub fn reset(&mut self) {
        self.pauses = self.policy.build();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_start_again_after_a_reset() {
        let mut back_off = BackOff::new(Duration::from_secs(1), Duration::from_secs(6));
        for _ in 0..2 {
            for bound in [1.0, 2.0, 4.0, 6.0, 6.0, 6.0] {
                let pause = back_off.next_pause().as_secs_f64();
                assert!(
                    (bound / 2.0..=bound).contains(&pause),
                    "{pause} is not within half of {bound} and {bound}"
                );
            }
            back_off.reset();
        }
    }

    #[test]
    fn two_processes_do_not_pause_alike() {
        let pauses = || {
            let mut back_off = BackOff::new(Duration::from_secs(1), Duration::from_secs(60));
            (0..8).map(|_| back_off.next_pause()).collect::<Vec<_>>()
        };
        assert_ne!(pauses(), pauses());
    }
}
