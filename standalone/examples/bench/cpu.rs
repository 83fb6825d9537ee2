//! CPU time and memory of a process, as Linux counts them.

use std::fs;
use std::io;
use std::time::Duration;

use tokio::time::sleep;

/// After an answer the api publishes the job, which is part of an upload's price.
const AFTERMATH: Duration = Duration::from_millis(60);

/// CPU time of the threads that are alive, once they rest: that of a running one lags behind.
pub(crate) async fn at_rest(pid: u32) -> io::Result<Duration> {
    sleep(AFTERMATH).await;
    let mut total = Duration::ZERO;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while the folder is read.
        let Ok(times) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        total += Duration::from_nanos(number(times.split(' ').next())?);
    }
    Ok(total)
}

/// CPU time of all threads, also of those that have ended, to a hundredth of a second.
pub(crate) fn of_process(pid: u32) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // After the program's name, which may hold anything.
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = number(fields.get(11).copied())? + number(fields.get(12).copied())?;
    Ok(Duration::from_millis(ticks * 10))
}

/// The most memory that the process ever had, in MiB.
pub(crate) fn peak_mib(pid: u32) -> io::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: f64 = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(f64::NAN);
    Ok(kib / 1024.0)
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn number(text: Option<&str>) -> io::Result<u64> {
    text.and_then(|text| text.trim().parse().ok()).ok_or(io::ErrorKind::InvalidData.into())
}
