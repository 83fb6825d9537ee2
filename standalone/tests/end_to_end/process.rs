//! One of our binaries as a process of its own, which never outlives its test.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::eventually::eventually;

/// Names and values of environment variables; of a name that comes twice the last value counts.
pub(crate) type Environment = Vec<(String, String)>;

pub(crate) fn environment<const N: usize>(pairs: [(&str, &str); N]) -> Environment {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// What a worker logs after each job.
const JOB_DONE: &str = ": done after";

pub(crate) struct Process {
    pub(crate) name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts the binary `name` with nothing but these variables; it writes into a file in `folder`.
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
        Self { name: name.into(), child, log }
    }

    /// Where it listens, as its log has it.
    pub(crate) async fn address(&mut self) -> String {
        // Libraries tell of it too, without the scheme.
        let announced = |text: &str| {
            let is_ours = |line: &&str| line.contains("listens on") || line.contains("listening on http://");
            let line = text.lines().find(is_ours)?;
            Some(line[line.find("http://")?..].trim().to_owned())
        };
        eventually(&format!("{} listens", self.name), async || {
            if let Some(status) = self.child.try_wait().expect("its status") {
                panic!("{} ended with {status} while starting", self.name);
            }
            announced(&self.log())
        })
        .await
    }

    /// All that it has written so far.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    pub(crate) async fn until_log_has(&self, text: &str) {
        eventually(&format!("{} logs {text:?}", self.name), async || self.log().contains(text).then_some(()))
            .await;
    }

    /// Whether it has finished a job, as a worker.
    pub(crate) fn has_done_a_job(&self) -> bool {
        self.log().contains(JOB_DONE)
    }

    pub(crate) async fn until_a_job_is_done(&self) {
        self.until_log_has(JOB_DONE).await;
    }

    /// SIGTERM, and what it comes to.
    pub(crate) async fn terminate(&mut self) -> ExitStatus {
        kill_process(self.pid(), Signal::TERM).expect("SIGTERM");
        self.ended().await
    }

    /// SIGKILL: it ends wherever it is.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("its status");
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        eventually(&format!("{} ends", self.name), async || self.child.try_wait().expect("its status")).await
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail if it has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
        if std::thread::panicking() {
            eprintln!("=== {} wrote:\n{}", self.log.display(), self.log());
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
