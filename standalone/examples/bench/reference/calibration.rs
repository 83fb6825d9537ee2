//! A fixed piece of work (SHA-256 and MD5 of the 4 MB file), which shows how fast this machine is now.
//!
//! Some targets are absolute times. They apply to the machine on which this work took
//! [`Calibration::ON_TARGETS_MACHINE`]. In units of this work they apply to any machine.

use bytes::Bytes;
use md5::Md5;
use rustix::time::{ClockId, clock_gettime};
use sha2::{Digest, Sha256};

use crate::statistics::median;

/// All measurements of the work in this run.
#[derive(Debug, Default)]
pub(crate) struct Calibration(Vec<f64>);

impl Calibration {
    /// The CPU time of the work on the machine on which the absolute targets were set, in milliseconds.
    pub(crate) const ON_TARGETS_MACHINE: f64 = 8.79;
    /// The number of rounds of each measurement.
    const ROUNDS: u32 = 9;

    pub(crate) fn measure(&mut self, file: &Bytes) {
        self.0.extend((0..Self::ROUNDS).map(|_| hashing_ms(file)));
    }

    /// The CPU time of the work in this run, in milliseconds. It is not a number before the first measurement.
    pub(crate) fn ms(&self) -> f64 {
        median(self.0.clone())
    }

    /// Converts a target in milliseconds to units of the work.
    pub(crate) fn in_units(target_ms: f64) -> f64 {
        target_ms / Self::ON_TARGETS_MACHINE
    }
}

/// The CPU time of SHA-256 and MD5 of a file, in milliseconds.
fn hashing_ms(file: &Bytes) -> f64 {
    let begin = thread_ms();
    std::hint::black_box(Sha256::digest(file));
    std::hint::black_box(Md5::digest(file));
    thread_ms() - begin
}

fn thread_ms() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_machine_of_the_targets_a_target_is_itself() {
        let here = Calibration(vec![100.0, Calibration::ON_TARGETS_MACHINE, 0.0]);
        assert_eq!(Calibration::in_units(14.0) * here.ms(), 14.0);
    }

    #[test]
    fn an_uncalibrated_run_meets_no_target() {
        let is_met = 0.0 / Calibration::default().ms() <= Calibration::in_units(14.0);
        assert!(!is_met);
    }

    #[test]
    fn hashing_takes_time() {
        assert!(hashing_ms(&Bytes::from(vec![7; 1 << 20])) > 0.0);
    }
}
