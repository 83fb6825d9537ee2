//! The programs that are measured.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command};

use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::service::Setup;

/// A running program, which is killed when this is dropped.
pub(crate) struct Program(Child);

impl Program {
    /// Starts a program from the folder of this build. Its log goes to the data folder.
    pub(crate) fn start(name: &str, setup: &Setup) -> anyhow::Result<Self> {
        fs::create_dir_all(&setup.settings.data)?;
        let log = File::create(setup.settings.data.join(format!("{name}.log")))?;
        let mut command = Command::new(beside_examples()?.join(name));
        let child = command.envs(setup.environment.clone()).stderr(log).spawn();
        Ok(Self(child.with_context(|| name.to_owned())?))
    }

    /// Ends the program with SIGTERM, so that it settles its jobs. A job that is not acknowledged would be delivered
    /// again.
    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        kill_process(Pid::from_child(&self.0), Signal::TERM)?;
        let status = self.0.wait()?;
        ensure!(status.success(), "it answered SIGTERM with {status}");
        Ok(())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Nothing is in progress at this point, so nothing is lost.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The folder of the programs of this build.
pub(crate) fn beside_examples() -> anyhow::Result<PathBuf> {
    let example = std::env::current_exe()?;
    Ok(example.ancestors().nth(2).context("no folder of programs")?.to_owned())
}
