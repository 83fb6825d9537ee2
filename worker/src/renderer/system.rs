//! Safe functions for system calls that no crate offers a safe interface for.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use memmap2::{Mmap, MmapOptions};
use rustix::process::{DumpableBehavior, Pid, set_dumpable_behavior};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::allocator;

/// The smallest mapping in bytes. It only costs address space.
const ROOM: usize = 64 << 20;

/// What is larger in bytes gets a mapping of its own, which is given back as soon as it is freed.
#[cfg(target_env = "gnu")]
const LARGEST_IN_THE_HEAP: libc::c_int = 32 << 20;

/// A mapped file that is read many times, with new content each time. It stays mapped between the reads, so that pages
/// that the file keeps need not be mapped again.
pub(super) struct Mapped<F> {
    file: F,
    mapping: Option<Mmap>,
}

impl<F: AsRawFd> Mapped<F> {
    pub(super) fn new(file: F) -> Self {
        Self { file, mapping: None }
    }

    /// The first `len` bytes of the file. The file must be that long, and must not change while they are used: only the
    /// worker has the file too, and it only changes the file between jobs.
    pub(super) fn content(&mut self, len: usize) -> io::Result<&[u8]> {
        if self.mapping.as_ref().is_none_or(|mapping| mapping.len() < len) {
            self.mapping = None;
            // SAFETY: the file does not change, as said above, and what lies behind its end is never read.
            let mapping = unsafe { MmapOptions::new().len(len.max(ROOM)).map_copy_read_only(&self.file)? };
            self.mapping = Some(mapping);
        }
        Ok(self.mapping.as_ref().map_or(&[], |mapping| &mapping[..len]))
    }
}

/// Marks this process as not dumpable. Other processes of the same user then cannot read its memory, in which there are
/// secrets and originals, and no core dump contains it. The programs of the worker call this before they read a secret.
pub fn keep_memory_private() {
    // It fails only for values that do not exist.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Closes every descriptor from `first` on.
pub(super) fn close_from(first: u32) -> io::Result<()> {
    // SAFETY: called before this process has opened any descriptor that something still refers to.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) };
    if closed == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Gives the memory that the allocator has kept for later back to the system. A fork then gets fresh memory where it would
/// have to copy pages whose content nobody needs.
pub(super) fn give_back_free_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it touches no memory that is allocated.
    unsafe {
        libc::malloc_trim(0)
    };
}

/// Has the allocator keep what is freed, so that the next image finds memory that the process has touched already. Its own
/// rule gives the end of the heap back after each image of ordinary size, and the next image pays for each page
/// again, which is a quarter of the time of a small photograph.
///
/// The limits are those that the allocator's own rule ends at after large images, so a process keeps no more than it might
/// before. A renderer reads the originals of one user only, and all its memory goes when that user changes.
pub fn keep_freed_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it only sets numbers that the allocator reads.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST_IN_THE_HEAP);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 2 * LARGEST_IN_THE_HEAP);
    };
}

/// Forks this process, which must have only one thread. The parent of the copy is the parent of this process. Returns the
/// process id of the copy, and `None` in the copy.
pub(super) fn fork_sibling() -> io::Result<Option<Pid>> {
    let flags = libc::CLONE_PARENT | libc::SIGCHLD;
    // SAFETY: without other threads no lock is held and no data are half written that the copy would find so. It goes on
    // with its own copy of the stack, and nothing is written through the null pointers.
    let id = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    match i32::try_from(id) {
        Ok(0) => Ok(None),
        Ok(id @ 1..) => Ok(Pid::from_raw(id)),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Watches a descriptor of a process, which becomes readable when the process ends.
pub(super) fn watch(pidfd: BorrowedFd<'_>) -> io::Result<AsyncFd<BorrowedFd<'_>>> {
    // SAFETY: the borrow keeps the descriptor open for as long as it is watched.
    Ok(unsafe { AsyncFd::register_with_interest(pidfd, Interest::READABLE)? })
}

/// Installs a signal handler: from now on, an abort for lack of memory ends the process with the exit status `STATUS`.
pub(super) fn exit_when_exhausted<const STATUS: i32>() -> io::Result<()> {
    extern "C" fn on_abort<const STATUS: i32>(_: libc::c_int) {
        if allocator::was_exhausted() {
            // SAFETY: `_exit` may be called from a signal handler.
            unsafe { libc::_exit(STATUS) }
        }
    }
    let handler = on_abort::<STATUS> as extern "C" fn(libc::c_int);
    // SAFETY: the handler reads an atomic and calls `_exit`, both of which are safe in a signal handler.
    let previous = unsafe { libc::signal(libc::SIGABRT, handler as usize) };
    if previous == libc::SIG_ERR { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The CPU time that all threads of a process have used so far.
pub(super) fn cpu_time(process: Pid) -> io::Result<Duration> {
    let mut clock = 0;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: both calls write to the variable they are given, and to nothing else.
    let error = unsafe { libc::clock_getcpuclockid(process.as_raw_nonzero().get(), &raw mut clock) };
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error));
    }
    // SAFETY: as above.
    if unsafe { libc::clock_gettime(clock, &raw mut time) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0)))
}
