//! Exponential back-off: pauses between tries that grow and that differ from process to process.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// The pauses of an exponential back-off. They double from the first one up to the longest one, and each is shortened
/// at random by up to a half, so that many processes that lost the same backend do not try again at the same moment.
#[derive(Debug)]
pub struct BackOff {
    policy: ExponentialBuilder,
    pauses: ExponentialBackoff,
}

impl BackOff {
    /// Makes a back-off whose first pause is at most `first` and whose pauses are never longer than `longest`.
    pub fn new(first: Duration, longest: Duration) -> Self {
        // backon adds up to the same time again at random, so it has to start from half of it.
        let policy = ExponentialBuilder::new()
            .with_min_delay(first / 2)
            .with_max_delay(longest / 2)
            .without_max_times()
            .with_jitter();
        Self { policy, pauses: policy.build() }
    }

    /// Returns the next pause and does not sleep.
    pub fn next_pause(&mut self) -> Duration {
        self.pauses.next().expect("an endless policy always has a next pause")
    }

    /// Sleeps for the next pause.
    pub async fn pause(&mut self) {
        tokio::time::sleep(self.next_pause()).await;
    }

    /// Makes the next pause the first one again.
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
