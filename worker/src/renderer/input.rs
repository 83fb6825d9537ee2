//! Where a slot's original lies: anonymous memory with a descriptor.

use std::fs::File;
use std::io::{self, Seek};
use std::os::fd::AsRawFd;

use rustix::fs::{MemfdFlags, memfd_create};

/// Between jobs, in bytes, so that most originals find their memory ready.
const KEPT: u64 = 8 << 20;

/// Written by the worker, mapped by the renderer. It is truncated between jobs only, since a renderer that
/// reads what is cut off gets SIGBUS.
#[derive(Debug)]
pub(super) struct Input(File);

impl Input {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(memfd_create("original", MemfdFlags::CLOEXEC)?.into()))
    }

    pub(super) fn file(&self) -> &File {
        &self.0
    }

    /// A descriptor that cannot write, with an offset of its own.
    pub(super) fn for_reading(&self) -> io::Result<File> {
        File::open(format!("/proc/self/fd/{}", self.0.as_raw_fd()))
    }

    /// Ends it after `len` bytes, so that nothing is left of a longer predecessor.
    pub(super) fn end_at(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    /// Makes room for the next original, which is written over the old one.
    pub(super) fn reuse(&self) -> io::Result<()> {
        if self.0.metadata()?.len() > KEPT {
            self.0.set_len(KEPT)?;
        }
        (&self.0).rewind()
    }
}
