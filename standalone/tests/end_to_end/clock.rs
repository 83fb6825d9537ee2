//! A wall clock for one process that a test can make jump.

use tempfile::NamedTempFile;

use crate::faketime;
use crate::process::Environment;

pub(crate) struct Clock(NamedTempFile);

impl Clock {
    /// Makes a clock that differs from the true time by `offset`, such as `+1h`.
    pub(crate) fn at(offset: &str) -> Self {
        let clock = Self(NamedTempFile::new().expect("a file"));
        clock.jump_to(offset);
        clock
    }

    pub(crate) fn jump_to(&self, offset: &str) {
        std::fs::write(self.0.path(), offset).expect("writes the clock");
    }

    /// The environment variables that make a process use this clock.
    pub(crate) fn environment(&self) -> Environment {
        faketime::variables(self.0.path())
    }
}
