//! The worker's handle of one renderer.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use resizinator_shared::ids::UserId;
use rustix::process::{Signal, WaitIdStatus};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::child::OUT_OF_MEMORY;
use super::confine::Confinement;
use super::cpu_limit::CpuLimit;
use super::forked::Forked;
use super::protocol::{Job, Reply, broken, read_greeting};
use super::spawner::Spawned;

/// The longest time from spawning a renderer to its greeting, even on a busy machine.
const START: Duration = Duration::from_secs(10);
/// The longest time for a renderer to exit after it has closed the connection.
const EXIT: Duration = Duration::from_secs(1);
/// The longest time for a renderer to end after it was killed.
const END: Duration = Duration::from_secs(10);

/// A renderer process, which is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Renderer {
    process: Forked,
    channel: BufReader<UnixStream>,
    cpu_limit: CpuLimit,
    user: Option<UserId>,
    /// The number of jobs so far.
    jobs: u64,
    pub(super) confinement: Confinement,
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
    /// Waits for the greeting of a new renderer. `limit` is the time limit of its jobs.
    pub(super) async fn greeted(spawned: Spawned, limit: Duration) -> io::Result<Self> {
        let (process, channel) = spawned?;
        let mut channel = BufReader::new(UnixStream::from_std(channel)?);
        let greeting = timeout(START, read_greeting(&mut channel)).await;
        let confinement = greeting.map_err(|_| io::Error::other("a renderer does not start"))??;
        let cpu_limit = CpuLimit::new(process.pid(), limit);
        Ok(Self { process, channel, cpu_limit, user: None, jobs: 0, confinement })
    }

    /// The user whose originals it has read, or `None` if it has read none.
    pub(super) fn user(&self) -> Option<UserId> {
        self.user
    }

    /// Notes that the next job has an original of `user`, and returns its number.
    pub(super) fn next_job_of(&mut self, user: UserId) -> u64 {
        self.user = Some(user);
        self.jobs += 1;
        self.jobs
    }

    /// Sends one job and returns the reply.
    pub(super) async fn render(&mut self, job: Job, limit: Duration) -> Result<Reply, Death> {
        let start = Instant::now();
        if let Err(error) = self.cpu_limit.raise() {
            log::warn!("a renderer keeps its old limit of CPU time: {error}");
        }
        match timeout(limit, self.exchange(&job)).await {
            Err(_) => Err(Death::TimedOut),
            Ok(Ok(Reply::Rendered(variants, times))) => {
                Ok(Reply::Rendered(variants, times.within(start.elapsed())))
            }
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => {
                let death = self.death(&error).await;
                // It was the limit of CPU time that ended it, while the worker itself was stopped.
                Err(if start.elapsed() >= limit { Death::TimedOut } else { death })
            }
        }
    }

    async fn exchange(&mut self, job: &Job) -> io::Result<Reply> {
        self.channel.write_all(&job.to_bytes()).await?;
        let reply = Reply::read(job.number, &mut self.channel).await?;
        if !self.channel.buffer().is_empty() {
            return Err(broken("more than a reply"));
        }
        // The pipeline refuses an original with more frames than that.
        let most = job.limits.image.frames.max(1);
        match &reply {
            Reply::Rendered(variants, _) if variants.frames.get() > most => {
                Err(broken("the number of frames"))
            }
            _ => Ok(reply),
        }
    }

    /// Whether enough CPU time is left for another job.
    pub(super) fn can_go_on(&mut self) -> bool {
        self.cpu_limit.allows_another_job()
    }

    /// Kills the process, without waiting for its end.
    pub(super) fn kill(&self) {
        self.process.kill();
    }

    /// Kills the process and waits until it has ended. Nothing reads or writes its memory any more then.
    pub(super) async fn end(mut self) -> io::Result<()> {
        self.process.kill();
        let ended = timeout(END, self.process.ended()).await;
        ended.map_err(|_| io::Error::other("a renderer does not end")).flatten().map(drop)
    }

    /// Finds out why a renderer ended after the exchange failed with `error`. A renderer that still runs counts as
    /// crashed.
    async fn death(&mut self, error: &io::Error) -> Death {
        if error.kind() == ErrorKind::InvalidData {
            return Death::Crashed(error.to_string());
        }
        match timeout(EXIT, self.process.ended()).await {
            Ok(Ok(Some(status))) => cause(&status),
            _ => Death::Crashed(format!("it hung up ({error})")),
        }
    }
}

fn cause(status: &WaitIdStatus) -> Death {
    let (exit, signal) = (status.exit_status(), status.terminating_signal());
    // The worker has not sent SIGKILL, so the kernel did because memory ran short: it kills renderers first.
    if signal == Some(Signal::KILL.as_raw()) || exit == Some(OUT_OF_MEMORY) {
        return Death::OutOfMemory;
    }
    match (exit, signal) {
        (Some(exit), _) => Death::Crashed(format!("exit status {exit}")),
        (_, Some(signal)) => Death::Crashed(format!("signal {signal}")),
        _ => Death::Crashed(format!("{status:?}")),
    }
}
