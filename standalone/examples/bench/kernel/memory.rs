//! The memory of a process (`/proc/<pid>/status`).

use anyhow::Context;

use super::read;

/// The most memory that the process ever had, in MiB.
pub(crate) fn peak_mib(pid: u32) -> anyhow::Result<f64> {
    mib(&read(&format!("/proc/{pid}/status"))?, "VmHWM")
}

/// The memory that the process has now, in MiB.
pub(crate) fn resident_mib(pid: u32) -> anyhow::Result<f64> {
    mib(&read(&format!("/proc/{pid}/status"))?, "VmRSS")
}

fn mib(status: &str, name: &str) -> anyhow::Result<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    Ok(kib.with_context(|| format!("no {name}"))? / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_mib_and_a_missing_line_is_an_error() {
        let status = "Name:\tapi\nVmHWM:\t   65536 kB\nVmRSS:\t    2048 kB\n";
        assert_eq!(mib(status, "VmHWM").expect("a line"), 64.0);
        assert_eq!(mib(status, "VmRSS").expect("a line"), 2.0);
        assert!(mib(status, "VmSwap").is_err());
    }
}
