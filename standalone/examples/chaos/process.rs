//! A process of one of the project's programs, which is restarted after each fault.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rand::seq::IndexedRandom;
use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::Mutex;
use tokio::time::sleep;

use crate::faketime;

/// The grace time of the README's table, and some more.
const LONGEST_SHUTDOWN: Duration = Duration::from_secs(27);

/// The longest time to wait until a new process has installed its signal handlers.
const LONGEST_START: Duration = Duration::from_secs(10);

/// How long to wait for a renderer that works.
const LONGEST_WAIT_FOR_WORK: Duration = Duration::from_millis(1500);

/// The offset of a correct clock, in the syntax of libfaketime.
const TRUE_TIME: &str = "+0";

pub(crate) struct Process {
    pub(crate) name: String,
    program: PathBuf,
    environment: Vec<(String, String)>,
    log: File,
    clock: PathBuf,
    child: Mutex<Child>,
}

impl Process {
    /// Starts the program `program` from the folder of this build. Its output goes to `<name>.log` in `folder`.
    pub(crate) fn start(
        program: &str,
        name: &str,
        mut environment: Vec<(String, String)>,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let example = std::env::current_exe()?;
        let program = example.ancestors().nth(2).context("no folder of programs")?.join(program);
        let log = OpenOptions::new().create(true).append(true).open(folder.join(format!("{name}.log")))?;
        let clock = folder.join(format!("{name}.clock"));
        std::fs::write(&clock, TRUE_TIME)?;
        environment.extend(faketime::variables(&clock));
        let child = Mutex::new(spawn(&program, &environment, &log)?);
        Ok(Self { name: name.into(), program, environment, log, clock, child })
    }

    /// Kills the process with SIGKILL, and starts a new one after `pause`.
    pub(crate) async fn kill_and_start(&self, pause: Duration) -> anyhow::Result<()> {
        let mut child = self.child.lock().await;
        child.kill()?;
        child.wait()?;
        sleep(pause).await;
        *child = spawn(&self.program, &self.environment, &self.log)?;
        Ok(())
    }

    /// Ends the process with SIGTERM, which must take at most its grace time, and then starts a new one.
    pub(crate) async fn restart(&self) -> anyhow::Result<()> {
        let mut child = self.child.lock().await;
        let begin = Instant::now();
        // A process without a handler would be ended by the signal at once, and not with success.
        while !catches(child.id(), Signal::TERM) && begin.elapsed() < LONGEST_START {
            sleep(Duration::from_millis(5)).await;
        }
        kill_process(Pid::from_child(&child), Signal::TERM)?;
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            ensure!(begin.elapsed() < LONGEST_SHUTDOWN, "{} outlives its grace time", self.name);
            sleep(Duration::from_millis(20)).await;
        };
        ensure!(status.success(), "{} answered SIGTERM with {status}", self.name);
        *child = spawn(&self.program, &self.environment, &self.log)?;
        Ok(())
    }

    /// Stops the process with SIGSTOP, and continues it with SIGCONT after `pause`.
    pub(crate) async fn hold(&self, pause: Duration) -> anyhow::Result<()> {
        let child = self.child.lock().await;
        kill_process(Pid::from_child(&child), Signal::STOP)?;
        sleep(pause).await;
        kill_process(Pid::from_child(&child), Signal::CONT)?;
        Ok(())
    }

    /// Sets the process's wall clock an hour ahead or back, and right again after `pause`.
    pub(crate) async fn clock_jumps(&self, pause: Duration) -> anyhow::Result<()> {
        std::fs::write(&self.clock, if rand::random() { "+1h" } else { "-1h" })?;
        sleep(pause).await;
        std::fs::write(&self.clock, TRUE_TIME)?;
        Ok(())
    }

    /// Kills one of the process's children with SIGKILL, if possible one that works. Returns `false` if it has none.
    pub(crate) async fn kill_child(&self) -> anyhow::Result<bool> {
        let parent = self.child.lock().await.id();
        let begin = Instant::now();
        loop {
            let children = children(parent)?;
            let at_work = children.iter().find(|child| child.running);
            let patient = begin.elapsed() < LONGEST_WAIT_FOR_WORK;
            match at_work.or_else(|| children.choose(&mut rand::rng()).filter(|_| !patient)) {
                Some(child) => return Ok(kill_process(child.pid, Signal::KILL).is_ok()),
                None if !patient => return Ok(false),
                None => sleep(Duration::from_millis(1)).await,
            }
        }
    }

    /// Fails if the process has ended by itself.
    pub(crate) async fn ensure_running(&self) -> anyhow::Result<()> {
        let status = self.child.lock().await.try_wait()?;
        ensure!(status.is_none(), "{} ended by itself: {status:?}", self.name);
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both calls fail if the process has ended already.
        self.child.get_mut().kill().ok();
        self.child.get_mut().wait().ok();
    }
}

fn spawn(program: &Path, environment: &[(String, String)], log: &File) -> anyhow::Result<Child> {
    let mut command = Command::new(program);
    command.env_clear().envs(environment.iter().cloned()).stdin(Stdio::null());
    command.stdout(log.try_clone()?).stderr(log.try_clone()?);
    command.spawn().with_context(|| program.display().to_string())
}

/// Returns whether the process has installed a handler of this signal.
fn catches(process: u32, signal: Signal) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    caught & (1 << (signal.as_raw() - 1)) != 0
}

/// A child of one of the processes.
struct Renderer {
    pid: Pid,
    running: bool,
}

fn children(parent: u32) -> anyhow::Result<Vec<Renderer>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw) else {
            continue;
        };
        // The process may have ended already. After the name in parentheses come the state and the parent's id.
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
        let mut fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields).split(' ');
        let (state, its_parent) = (fields.next(), fields.next());
        if its_parent.and_then(|text| text.parse().ok()) == Some(parent) {
            found.push(Renderer { pid, running: state == Some("R") });
        }
    }
    Ok(found)
}
