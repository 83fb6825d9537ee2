//! The counters of processes and of the machine, which Linux provides in `/proc`.

mod block_device;
mod family;
mod machine;
mod memory;
mod process_io;
mod process_stat;
mod threads;

use std::fs;
use std::time::Duration;

use anyhow::Context;

pub(crate) use block_device::written_to_device_of;
pub(crate) use family::Family;
pub(crate) use machine::MachineTimes;
pub(crate) use memory::{peak_mib, resident_mib};
pub(crate) use process_io::ProcessIo;
pub(crate) use process_stat::ProcessStat;
pub(crate) use threads::at_rest;

/// Reads a file below `/proc`. An error contains its name.
fn read(path: &str) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| path.to_owned())
}

/// Converts ticks to a duration. CPU times in `/proc` are in ticks, usually of a hundredth of a second.
fn ticks(count: u64) -> Duration {
    Duration::from_secs_f64(count as f64 / rustix::param::clock_ticks_per_second() as f64)
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
