//! The filter of system calls: the list of those that a renderer may make (Linux, seccomp).
//!
//! Any other call fails with EPERM. It does not kill the process, because libraries make calls that they can do
//! without: the C library's allocator, for example, reads a file of `/proc` when it shrinks its heap.

use std::env::consts::ARCH;

use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, apply_filter,
};

/// The calls that are always allowed: to compute, to talk to the worker over the open descriptors, and to exit.
const ALWAYS: [i64; 17] = [
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_clock_gettime,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

pub(super) fn apply() -> Result<(), Error> {
    let filter = SeccompFilter::new(
        ALWAYS.into_iter().map(|call| (call, Vec::new())).chain(sometimes()?).collect(),
        SeccompAction::Errno(libc::EPERM as u32),
        SeccompAction::Allow,
        ARCH.try_into()?,
    )?;
    apply_filter(&BpfProgram::try_from(filter)?)
}

/// The calls that are only allowed with certain arguments.
fn sometimes() -> Result<[(i64, Vec<SeccompRule>); 4], BackendError> {
    // Shared memory would not count as data (`RLIMIT_DATA`).
    let private = without(3, libc::MAP_SHARED);
    let own_process = argument(0, SeccompCmpOp::Eq, std::process::id().into());
    // `abort` and the standard library's handlers of fatal signals set the default action, so that the next such
    // signal ends the process. If that call were refused, the process would fault in an endless loop.
    let fatal = [libc::SIGABRT, libc::SIGSEGV, libc::SIGBUS];
    let fatal = fatal.map(|signal| SeccompRule::new(vec![argument(0, SeccompCmpOp::Eq, signal as u64)?]));
    Ok([
        (libc::SYS_mmap, vec![SeccompRule::new(vec![without(2, libc::PROT_EXEC)?, private?])?]),
        (libc::SYS_mprotect, vec![SeccompRule::new(vec![without(2, libc::PROT_EXEC)?])?]),
        (libc::SYS_tgkill, vec![SeccompRule::new(vec![own_process?])?]),
        (libc::SYS_rt_sigaction, fatal.into_iter().collect::<Result<_, _>>()?),
    ])
}

fn without(index: u8, flag: i32) -> Result<SeccompCondition, BackendError> {
    argument(index, SeccompCmpOp::MaskedEq(flag as u64), 0)
}

fn argument(index: u8, comparison: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(index, SeccompCmpArgLen::Qword, comparison, value)
}
