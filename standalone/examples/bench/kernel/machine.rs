//! The load of all cores together, caused by any program (`/proc/stat`).

use anyhow::{Context, ensure};

use super::read;

/// The times of all cores since the machine started, in ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct MachineTimes {
    /// The idle time, including the time of waiting for a disk.
    pub(crate) idle: u64,
    pub(crate) total: u64,
}

impl MachineTimes {
    pub(crate) fn now() -> anyhow::Result<Self> {
        Self::parse(&read("/proc/stat")?).context("/proc/stat")
    }

    /// Parses the fields user, nice, system, idle, iowait, irq, softirq and steal. The later fields of guests are
    /// part of user and nice.
    fn parse(text: &str) -> anyhow::Result<Self> {
        let line = text.lines().find_map(|line| line.strip_prefix("cpu ")).context("no line of all cores")?;
        let fields = line.split_whitespace().take(8).map(str::parse).collect::<Result<Vec<u64>, _>>()?;
        ensure!(fields.len() == 8, "{} fields of 8", fields.len());
        Ok(Self { idle: fields[3] + fields[4], total: fields.iter().sum() })
    }

    /// The times since `earlier`. They are not negative, although the kernel sometimes decreases the time of waiting
    /// for a disk.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self { idle: self.idle.saturating_sub(earlier.idle), total: self.total.saturating_sub(earlier.total) }
    }

    /// The share of idle time from 0 to 1, or `None` if no time has passed.
    pub(crate) fn idle_share(self) -> Option<f64> {
        (self.total > 0).then(|| self.idle as f64 / self.total as f64)
    }

    pub(crate) fn busy_ms(self) -> f64 {
        super::milliseconds(super::ticks(self.total.saturating_sub(self.idle)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "cpu  100 20 30 800 40 1 2 7 50 0\ncpu0 50 10 15 400 20 1 1 3 25 0\nctxt 5\n";

    #[test]
    fn waiting_for_a_disk_is_idle_and_guests_are_not_counted_twice() {
        assert_eq!(MachineTimes::parse(TEXT).expect("a line"), MachineTimes { idle: 840, total: 1000 });
    }

    #[test]
    fn the_idle_share_is_of_the_time_that_passed() {
        let later = MachineTimes { idle: 850, total: 1040 };
        let passed = later.since(MachineTimes { idle: 840, total: 1000 });
        assert_eq!(passed.idle_share(), Some(0.25));
        assert_eq!(MachineTimes::default().idle_share(), None);
    }

    #[test]
    fn a_kernel_that_counts_less_is_an_error() {
        assert!(MachineTimes::parse("cpu  1 2 3 4\n").is_err());
        assert!(MachineTimes::parse("cpu0 1 2 3 4 5 6 7 8\n").is_err());
    }
}
