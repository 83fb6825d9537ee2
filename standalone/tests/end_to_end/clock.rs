//! The wall clock of one process, made to jump by libfaketime; the monotonic clock runs on.

use std::path::PathBuf;

use tempfile::NamedTempFile;

use crate::process::{Environment, environment};

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
        let library = library();
        environment([
            ("LD_PRELOAD", library.to_str().expect("UTF-8")),
            ("FAKETIME_TIMESTAMP_FILE", self.0.path().to_str().expect("UTF-8")),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ])
    }
}

fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut files = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    files.find(|file| file.is_file()).expect("libfaketime is there: `make test` installs it")
}
