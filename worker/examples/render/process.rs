//! The CPU time and the memory of this process, as the kernel counts them.

use std::fs;
use std::time::Duration;

use rustix::process::{WaitId, WaitIdOptions, waitid};
use rustix::time::{ClockId, clock_gettime};

/// The CPU time (user and system) of this thread.
pub(crate) fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The largest resident size since the start or since [`forget_peak`], or `None` on other systems than Linux.
pub(crate) fn peak_kib() -> Option<u64> {
    status("VmHWM:")
}

/// The current resident size, or `None` on other systems than Linux.
pub(crate) fn resident_kib() -> Option<u64> {
    status("VmRSS:")
}

fn status(key: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// Resets the peak of the resident size. If the system does not allow that, the old peak remains.
pub(crate) fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The CPU time of this process and of the children whose end it has seen.
pub(crate) fn cpu_with_ended_children() -> Duration {
    // The fields of `stat` count in hundredths of a second, which is little beside hundreds of jobs.
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields).split(' ');
    let ticks: u64 = fields.skip(11).take(4).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Waits until this process has no children any more.
pub(crate) async fn all_children_ended() {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    while waitid(WaitId::All, look).is_ok() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
