//! What a renderer takes from itself before it reads its first job.

use std::io;

use rustix::process::{
    DumpableBehavior, Pid, Resource, Rlimit, Signal, getppid, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};
use rustix::thread::set_no_new_privs;

use super::{filter, system};

/// Standard input, output and error are all that a renderer has.
const FIRST_OTHER: u32 = 3;
/// Counts neither as data nor as anybody's reservation.
const STACK: u64 = 8 << 20;

/// How far the system let a renderer confine itself; the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Confinement {
    /// Without the filter of system calls, which this kernel or what it runs under refuses.
    Unfiltered,
    Full,
}

/// For good, and for this process only. `memory` is in bytes.
pub(super) fn confine(worker: Pid, memory: u64) -> io::Result<Confinement> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // It may have died before that took hold.
    if getppid() != Some(worker) {
        return Err(io::Error::other("the worker has ended"));
    }
    system::close_from(FIRST_OTHER)?;
    // When memory is short the kernel shall take a renderer and not the worker. Before the process is marked
    // as not dumpable, which takes this file away from it.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    set_no_new_privs(true)?;
    // RLIMIT_CORE says nothing to a program that dumps are piped to.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // RLIMIT_DATA and not RLIMIT_AS: what is writable and private counts, and not what an allocator only
    // reserves, nor the mapped input.
    for (resource, limit) in [
        (Resource::Data, memory),
        (Resource::Stack, STACK),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, FIRST_OTHER.into()),
    ] {
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    }
    match filter::apply() {
        Ok(()) => Ok(Confinement::Full),
        Err(seccompiler::Error::Prctl(_) | seccompiler::Error::Seccomp(_)) => Ok(Confinement::Unfiltered),
        Err(error) => Err(io::Error::other(error)),
    }
}
