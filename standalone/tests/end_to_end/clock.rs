//! The wall clock of one process, made to jump.

use tempfile::NamedTempFile;

use crate::faketime;
use crate::process::Environment;

pub(crate) struct Clock(NamedTempFile);

impl Clock {
    /// As far from the true time as `offset` says, like `+1h`.
    pub(crate) fn at(offset: &str) -> Self {
        let clock = Self(NamedTempFile::new().expect("a file"));
        clock.jump_to(offset);
        clock
    }

    pub(crate) fn jump_to(&self, offset: &str) {
        std::fs::write(self.0.path(), offset).expect("writes the clock");
    }

    /// What a process needs to live by this clock.
    pub(crate) fn environment(&self) -> Environment {
        faketime::variables(self.0.path())
    }
}
