//! The worker's handle of one renderer process.

use std::io::{self, ErrorKind};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, prlimit};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::process::Child;
use tokio::time::timeout;

use super::child::OUT_OF_MEMORY;
use super::confine::Confinement;
use super::protocol::{Job, Reply, broken, read_greeting};
use super::spawner::Spawned;
use super::system;

/// The longest time from spawning a renderer to its greeting, even on a busy machine.
const START: Duration = Duration::from_secs(10);
/// The longest time for a renderer to exit after it has closed the connection.
const END: Duration = Duration::from_secs(1);
/// How much CPU time a renderer gets beyond the time limit. Usually the worker's own timer kills it first; the limit of
/// CPU time is for the case that the worker itself is stopped.
const CPU_RESERVE: Duration = Duration::from_secs(2);

/// A renderer process, which is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Renderer {
    child: Child,
    channel: BufReader<UnixStream>,
}

/// How a job ended without a reply.
#[derive(Debug)]
pub(super) enum Death {
    TimedOut,
    OutOfMemory,
    /// The text describes the crash for the log.
    Crashed(String),
}

impl Renderer {
    /// Waits for the greeting of a new renderer.
    pub(super) async fn greeted(spawned: Spawned) -> io::Result<(Self, Confinement)> {
        let (child, channel) = spawned?;
        let mut renderer = Self { child, channel: BufReader::new(UnixStream::from_std(channel)?) };
        let greeting = timeout(START, read_greeting(&mut renderer.channel)).await;
        Ok((renderer, greeting.map_err(|_| io::Error::other("a renderer does not start"))??))
    }

    /// Sends one job and returns the reply, and the renderer if it can take another job. Dropping this future kills the
    /// renderer.
    pub(super) async fn render(mut self, job: Job, limit: Duration) -> Result<(Reply, Option<Self>), Death> {
        if let Err(error) = self.raise_cpu_limit(limit) {
            log::warn!("a renderer keeps its old limit of CPU time: {error}");
        }
        match timeout(limit, self.exchange(&job)).await {
            Err(_) => Err(Death::TimedOut),
            Ok(Ok(reply @ Reply::Panicked(_))) => Ok((reply, None)),
            Ok(Ok(reply)) => Ok((reply, Some(self))),
            Ok(Err(error)) => Err(self.death(&error).await),
        }
    }

    async fn exchange(&mut self, job: &Job) -> io::Result<Reply> {
        self.channel.write_all(&job.to_bytes()).await?;
        let reply = Reply::read(job.number, &mut self.channel).await?;
        if self.channel.buffer().is_empty() { Ok(reply) } else { Err(broken("more than a reply")) }
    }

    /// Raises the limit of CPU time for the next job. It has to grow, since the CPU time of all jobs of a process
    /// adds up.
    fn raise_cpu_limit(&self, limit: Duration) -> io::Result<()> {
        let Some(pid) = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed())) else { return Ok(()) };
        let seconds = (system::cpu_time(pid)? + limit + CPU_RESERVE).as_secs();
        // Only the soft limit is set, because raising a hard limit needs a privilege. The renderer cannot raise its
        // soft limit, since its filter of system calls does not allow it.
        let maximum = getrlimit(Resource::Cpu).maximum;
        prlimit(Some(pid), Resource::Cpu, Rlimit { current: Some(seconds), maximum })?;
        Ok(())
    }

    /// Finds out why a renderer ended after the exchange failed with `error`. A renderer that still runs counts as
    /// crashed.
    async fn death(mut self, error: &io::Error) -> Death {
        if error.kind() == ErrorKind::InvalidData {
            return Death::Crashed(error.to_string());
        }
        let Ok(Ok(status)) = timeout(END, self.child.wait()).await else {
            return Death::Crashed(format!("it hung up ({error})"));
        };
        cause(status)
    }
}

fn cause(status: ExitStatus) -> Death {
    // The worker has not sent SIGKILL, so the kernel did because memory ran short: it kills renderers first.
    let killed = status.signal() == Some(Signal::KILL.as_raw());
    if killed || status.code() == Some(OUT_OF_MEMORY) {
        Death::OutOfMemory
    } else if status.signal() == Some(Signal::XCPU.as_raw()) {
        Death::TimedOut
    } else {
        Death::Crashed(status.to_string())
    }
}
