//! The limits of a renderer's CPU time (`RLIMIT_CPU`), which hold while the worker itself is stopped and cannot kill it.
//!
//! The CPU time of all jobs of a process adds up, so the soft limit is raised before each job. It ends a renderer by a
//! signal (SIGXCPU), which a renderer that a file has taken over can block. The hard limit ends it by SIGKILL, but only a
//! privileged process may raise one. So the hard limit is set once, and a renderer that comes close to it is replaced.

use std::io;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use super::system;

/// How much CPU time a job gets beyond its time limit. Usually the worker's own timer kills the renderer first.
const RESERVE: Duration = Duration::from_secs(2);
/// The hard limit, as a multiple of what one job gets. With the smallest one, a renderer is replaced after it has used
/// half of that time, which is hundreds of usual jobs.
const JOBS: u32 = 2;

/// The limits of one process.
#[derive(Debug)]
pub(super) struct CpuLimit {
    process: Pid,
    /// What one job gets.
    job: Duration,
    /// The CPU time that the process has used.
    used: Duration,
    hard: Duration,
}

impl CpuLimit {
    /// The limits of a new process whose jobs have the time limit `limit`.
    pub(super) fn new(process: Pid, limit: Duration) -> Self {
        let job = limit + RESERVE;
        let hard = getrlimit(Resource::Cpu).maximum.map_or(Duration::MAX, Duration::from_secs);
        Self { process, job, used: Duration::ZERO, hard: hard.min(JOBS * job) }
    }

    /// Sets the limits for the next job.
    pub(super) fn raise(&self) -> io::Result<()> {
        let (soft, hard) = ((self.used + self.job).min(self.hard), self.hard);
        let limit = Rlimit { current: Some(soft.as_secs()), maximum: Some(hard.as_secs()) };
        Ok(prlimit(Some(self.process), Resource::Cpu, limit).map(drop)?)
    }

    /// Whether the hard limit leaves enough time for another job. It is asked after each job.
    pub(super) fn allows_another_job(&mut self) -> bool {
        let Ok(used) = system::cpu_time(self.process) else { return false };
        self.used = used;
        used + self.job <= self.hard
    }
}
