//! The CPU time of the living threads of a process in nanoseconds (`/proc/<pid>/task/*/schedstat`).

use std::fs;
use std::time::Duration;

use anyhow::Context;
use tokio::time::sleep;

/// The time after an answer in which the api publishes the job, which is part of the cost of an upload.
const AFTERMATH: Duration = Duration::from_millis(60);

/// The CPU time after the threads have become idle, because the counter of a running thread lags behind.
pub(crate) async fn at_rest(pid: u32) -> anyhow::Result<Duration> {
    sleep(AFTERMATH).await;
    of_live_threads(pid)
}

fn of_live_threads(pid: u32) -> anyhow::Result<Duration> {
    let folder = format!("/proc/{pid}/task");
    let mut total = Duration::ZERO;
    for task in fs::read_dir(&folder).with_context(|| folder.clone())? {
        // A thread may end while the folder is read.
        let Ok(times) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        total += time_on_cpu(&times).with_context(|| folder.clone())?;
    }
    Ok(total)
}

/// Parses the first of three numbers, which is the time on the CPU.
fn time_on_cpu(schedstat: &str) -> anyhow::Result<Duration> {
    let nanoseconds = schedstat.split_whitespace().next().and_then(|number| number.parse().ok());
    Ok(Duration::from_nanos(nanoseconds.context("no time in schedstat")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_on_a_cpu_is_the_first_number() {
        assert_eq!(time_on_cpu("113137000 2604 2\n").expect("a time"), Duration::from_micros(113_137));
        assert!(time_on_cpu("").is_err());
    }
}
