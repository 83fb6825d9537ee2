//! A process of one of our binaries. It never outlives its test.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::eventually::eventually;
use crate::secrecy;

/// Names and values of environment variables. If a name comes twice, the last value counts.
pub(crate) type Environment = Vec<(String, String)>;

pub(crate) fn environment<const N: usize>(pairs: [(&str, &str); N]) -> Environment {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// The text that a worker logs after each job.
const JOB_DONE: &str = ": done after";

pub(crate) struct Process {
    pub(crate) name: String,
    child: Child,
    log: PathBuf,
    environment: Environment,
}

impl Process {
    /// Starts the binary `name` with only these variables. Its output goes to a file in `folder`.
    pub(crate) fn start(name: &str, environment: &Environment, folder: &Path) -> Self {
        let number = std::fs::read_dir(folder).expect("the test's folder").count();
        let log = folder.join(format!("{number}-{name}.log"));
        let file = File::create(&log).expect("a log file");
        let child = command(name, environment)
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("the log file twice"))
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        Self { name: name.into(), child, log, environment: environment.clone() }
    }

    /// Waits until the process listens for clients, and returns the address in its log.
    pub(crate) async fn address(&mut self) -> String {
        self.announced(&["listens on http://", "] listening on http://", "\"listening on http://"]).await
    }

    /// Waits until the process listens for operators, and returns the address in its log.
    pub(crate) async fn operators_address(&mut self) -> String {
        self.announced(&["health and metrics: listening on http://"]).await
    }

    /// The address in the first line of the log that has one of these beginnings.
    async fn announced(&mut self, beginnings: &[&str]) -> String {
        // Libraries log the address too, without the scheme.
        let announced = |text: &str| {
            let is_it = |line: &&str| beginnings.iter().any(|beginning| line.contains(beginning));
            let line = text.lines().find(is_it)?;
            let address = &line[line.find("http://")?..];
            Some(address.split(['"', ' ']).next()?.trim().to_owned())
        };
        eventually(&format!("{} listens", self.name), async || {
            if let Some(status) = self.child.try_wait().expect("its status") {
                panic!("{} ended with {status} while starting", self.name);
            }
            announced(&self.log())
        })
        .await
    }

    /// All output of the process so far.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    pub(crate) async fn until_log_has(&self, text: &str) {
        eventually(&format!("{} logs {text:?}", self.name), async || self.log().contains(text).then_some(()))
            .await;
    }

    /// Whether the process, which is a worker, has finished a job.
    pub(crate) fn has_done_a_job(&self) -> bool {
        self.log().contains(JOB_DONE)
    }

    pub(crate) async fn until_a_job_is_done(&self) {
        self.until_log_has(JOB_DONE).await;
    }

    /// Sends SIGTERM, waits for the end, and returns the exit status.
    pub(crate) async fn terminate(&mut self) -> ExitStatus {
        self.ask_to_end();
        self.ended().await
    }

    /// Sends SIGTERM.
    pub(crate) fn ask_to_end(&self) {
        kill_process(self.pid(), Signal::TERM).expect("SIGTERM");
    }

    /// Stops the process from running, until [`Self::go_on`].
    pub(crate) fn pause(&self) {
        kill_process(self.pid(), Signal::STOP).expect("SIGSTOP");
    }

    pub(crate) fn go_on(&self) {
        kill_process(self.pid(), Signal::CONT).expect("SIGCONT");
    }

    /// Sends SIGKILL, which ends the process at any point.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("its status");
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        eventually(&format!("{} ends", self.name), async || self.child.try_wait().expect("its status")).await
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both calls fail if the process has already ended.
        self.child.kill().ok();
        self.child.wait().ok();
        if std::thread::panicking() {
            eprintln!("=== {} wrote:\n{}", self.log.display(), self.log());
        } else if let Some(line) = secrecy::find(&self.log(), &self.environment) {
            panic!("the log of {} holds a secret: {line}", self.name);
        }
    }
}

/// The binary `name` beside the one that cargo builds for these tests.
pub(crate) fn command(name: &str, environment: &Environment) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_resizinator")).with_file_name(name);
    assert!(
        program.is_file(),
        "{} is missing: `cargo build --workspace --bins` makes it, and `make test` does so first",
        program.display()
    );
    let mut command = Command::new(program);
    command.env_clear().envs(environment.iter().cloned());
    command
}
