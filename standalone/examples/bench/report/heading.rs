//! The heading of the report: the command, the machine and the commit, without which the figures have no meaning.

use std::fs;
use std::process::Command;
use std::time::Duration;

use tokio::time::sleep;

use crate::arguments::Size;
use crate::kernel::MachineTimes;

/// Makes the heading. It observes for a second how idle the machine is.
pub(crate) async fn heading(size: Size) -> anyhow::Result<String> {
    let before = MachineTimes::now()?;
    sleep(Duration::from_secs(1)).await;
    let idle = MachineTimes::now()?.since(before).idle_share().unwrap_or(0.0);
    let command = match size {
        Size::Full => "`scripts/bench.sh`".to_owned(),
        size => format!("`RESIZINATOR_BENCH_SIZE={} scripts/bench.sh`", format!("{size:?}").to_lowercase()),
    };
    let cores = std::thread::available_parallelism()?;
    let build =
        if cfg!(debug_assertions) { "**a debug build: its figures mean nothing**" } else { "release build" };
    Ok(format!(
        "{command}; {}, {cores} cores, Linux {}; commit {}, {build}; {:.0} % of the cores were idle just before.",
        processor(),
        fs::read_to_string("/proc/sys/kernel/osrelease")?.trim(),
        commit(),
        idle * 100.0
    ))
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    line.map_or_else(|| std::env::consts::ARCH.into(), |(_, name)| name.trim().to_owned())
}

fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output =
            Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else { return "unknown".into() };
    let changed =
        git(&["status", "--porcelain", "--untracked-files=no"]).is_none_or(|changes| !changes.is_empty());
    if changed { format!("{commit} with changes") } else { commit }
}
