//! The programs under measurement.

use std::fs::{self, File};
use std::process::{Child, Command};

use anyhow::Context;
use resizinator_shared::settings::Settings;

/// A running program, killed when it is dropped.
pub(crate) struct Program(Child);

impl Program {
    /// Starts a program that lies beside the examples, with this process's environment.
    pub(crate) fn start(name: &str, settings: &Settings) -> anyhow::Result<Self> {
        let example = std::env::current_exe()?;
        let folder = example.ancestors().nth(2).context("no folder of programs")?;
        fs::create_dir_all(&settings.data)?;
        let log = File::create(settings.data.join(format!("{name}.log")))?;
        let child = Command::new(folder.join(name)).stderr(log).spawn().with_context(|| name.to_owned())?;
        Ok(Self(child))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Nothing is under way by now, so nothing is lost.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
