//! The CPU time and the memory of this process, as the kernel counts them.

use std::fs;
use std::time::Duration;

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
