//! The restrictions that a renderer puts on itself before it reads its first job.

use std::io;

use rustix::process::{DumpableBehavior, Pid, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::set_no_new_privs;

use super::{filter, zygote};

/// How many descriptors a renderer has: standard input, output and error.
const DESCRIPTORS: u64 = 3;
/// The stack limit in bytes. The stack does not count towards the limit of data.
const STACK: u64 = 8 << 20;

/// How far the system allowed a renderer to confine itself, ordered from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Confinement {
    /// The filter of system calls is missing, because the kernel or the container runtime does not allow it.
    Unfiltered,
    Full,
}

/// Confines this process permanently. `memory` is its limit of data in bytes.
pub(super) fn confine(worker: Pid, memory: u64) -> io::Result<Confinement> {
    zygote::end_with(worker)?;
    set_no_new_privs(true)?;
    // RLIMIT_CORE alone is not enough: it has no effect if the kernel pipes core dumps to a program.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // RLIMIT_DATA counts memory that is writable and private. RLIMIT_AS would also count address space that an
    // allocator only reserves, and the mapped input.
    for (resource, limit) in [
        (Resource::Data, memory),
        (Resource::Stack, STACK),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, DESCRIPTORS),
    ] {
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    }
    match filter::apply() {
        Ok(()) => Ok(Confinement::Full),
        Err(seccompiler::Error::Prctl(_) | seccompiler::Error::Seccomp(_)) => Ok(Confinement::Unfiltered),
        Err(error) => Err(io::Error::other(error)),
    }
}
