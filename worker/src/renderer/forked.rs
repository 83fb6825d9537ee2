//! The handle of a process that the zygote has forked. Its parent is the worker, which waits for it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process, pidfd_open,
    pidfd_send_signal, waitid,
};
use tokio::runtime::Handle;

use super::system;

/// A child process, which is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Forked {
    pid: Pid,
    /// `None` once the process has ended and its status was read. Until then no other process has its id.
    pidfd: Option<OwnedFd>,
    /// The runtime that reads the status if the process is killed by the drop.
    runtime: Handle,
}

impl Forked {
    /// Takes charge of a child of this process. The current runtime watches it.
    pub(super) fn adopt(pid: Pid) -> io::Result<Self> {
        let pidfd = pidfd_open(pid, PidfdFlags::empty()).inspect_err(|_| {
            // It ends at once, and stays in the table of processes until the worker ends.
            let _ = kill_process(pid, Signal::KILL);
        })?;
        Ok(Self { pid, pidfd: Some(pidfd), runtime: Handle::current() })
    }

    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    pub(super) fn kill(&self) {
        if let Some(pidfd) = &self.pidfd {
            // It fails if the process has ended already.
            let _ = pidfd_send_signal(pidfd, Signal::KILL);
        }
    }

    /// Waits until the process has ended. Returns how, or `None` if that was returned before.
    pub(super) async fn ended(&mut self) -> io::Result<Option<WaitIdStatus>> {
        let Some(pidfd) = &self.pidfd else { return Ok(None) };
        let status = status(pidfd.as_fd()).await?;
        self.pidfd = None;
        Ok(Some(status))
    }
}

impl Drop for Forked {
    fn drop(&mut self) {
        self.kill();
        if let Some(pidfd) = self.pidfd.take() {
            self.runtime.spawn(async move { status(pidfd.as_fd()).await.map(drop) });
        }
    }
}

/// Waits until the process has ended, and reads its status.
async fn status(pidfd: BorrowedFd<'_>) -> io::Result<WaitIdStatus> {
    let watched = system::watch(pidfd)?;
    loop {
        let mut readable = watched.readable().await?;
        match waitid(WaitId::PidFd(pidfd), WaitIdOptions::EXITED | WaitIdOptions::NOHANG)? {
            Some(status) => return Ok(status),
            None => readable.clear_ready(),
        }
    }
}
