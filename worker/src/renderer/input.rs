//! The input of a slot: an anonymous file in memory (memfd) that holds the original.

use std::fs::File;
use std::io::{self, Seek};
use std::os::fd::AsRawFd;

use rustix::fs::{MemfdFlags, memfd_create};

/// How many bytes of memory are kept between jobs, so that most originals need no new memory.
const KEPT: u64 = 8 << 20;

/// An anonymous file that the worker writes and the renderer maps. It is only truncated between jobs, because a
/// renderer that reads a part that was cut off gets SIGBUS.
#[derive(Debug)]
pub(super) struct Input(File);

impl Input {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(memfd_create("original", MemfdFlags::CLOEXEC)?.into()))
    }

    pub(super) fn file(&self) -> &File {
        &self.0
    }

    /// A new read-only descriptor with its own file offset.
    pub(super) fn for_reading(&self) -> io::Result<File> {
        File::open(format!("/proc/self/fd/{}", self.0.as_raw_fd()))
    }

    /// Sets the file's length to `len` bytes, so that nothing is left of a longer original before it.
    pub(super) fn end_at(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    /// Prepares the file for the next original, which overwrites the old one.
    pub(super) fn reuse(&self) -> io::Result<()> {
        if self.0.metadata()?.len() > KEPT {
            self.0.set_len(KEPT)?;
        }
        (&self.0).rewind()
    }
}
