//! The zygote's side: a process that starts as the renderers do and never gets a user's bytes. It forks itself whenever
//! the worker asks for a renderer, because a fork takes much less time than the start of a program.
//!
//! The two use a socket, which is the zygote's standard input. A request is one byte that comes with two descriptors:
//! the renderer's input and its connection to the worker. The answer is the renderer's process id, or the negative
//! number of the error.

use std::io::{self, IoSlice, IoSliceMut, Read};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::exit;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
use rustix::stdio::{dup2_stdin, dup2_stdout};

use super::system;

/// The first descriptor that is closed. The zygote and the renderers keep only standard input, output and error.
const FIRST_OTHER: u32 = 3;

/// Prepares this process to be the zygote. The renderers inherit the score.
pub(super) fn prepare(worker: Pid) -> io::Result<()> {
    end_with(worker)?;
    system::close_from(FIRST_OTHER)?;
    // If memory runs short, the kernel should kill a renderer and not the worker. A process that is not dumpable, as a
    // renderer is, cannot write this file.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    Ok(())
}

/// Has the kernel kill this process when the worker ends. A fork has to ask for that anew.
pub(super) fn end_with(worker: Pid) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The worker may have died before this setting took effect.
    if getppid() == Some(worker) { Ok(()) } else { Err(io::Error::other("the worker has ended")) }
}

/// Forks a renderer for each request, and ends the process when the worker closes the connection. It returns only in
/// the renderers, whose standard input is then the original, and whose standard output is the connection to the worker.
pub(super) fn fork_on_request() -> io::Result<()> {
    loop {
        let Some([input, channel]) = request(io::stdin())? else { exit(0) };
        let answer = match system::fork_sibling() {
            Ok(None) => {
                // This also closes the renderer's copy of the connection between the worker and the zygote.
                dup2_stdin(input)?;
                dup2_stdout(channel)?;
                return system::close_from(FIRST_OTHER);
            }
            Ok(Some(renderer)) => renderer.as_raw_nonzero().get(),
            Err(error) => -error.raw_os_error().unwrap_or(libc::EIO),
        };
        rustix::io::write(io::stdin(), &answer.to_le_bytes())?;
    }
}

/// Waits for a request, or returns `None` after the worker has closed the connection.
fn request(worker: impl std::os::fd::AsFd) -> io::Result<Option<[OwnedFd; 2]>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let read =
        recvmsg(worker, &mut [IoSliceMut::new(&mut [0])], &mut control, RecvFlags::CMSG_CLOEXEC)?.bytes;
    if read == 0 {
        return Ok(None);
    }
    let descriptors = control.drain().flat_map(|message| match message {
        RecvAncillaryMessage::ScmRights(descriptors) => descriptors.collect(),
        _ => Vec::new(),
    });
    let descriptors: Vec<OwnedFd> = descriptors.collect();
    descriptors.try_into().map(Some).map_err(|_| io::Error::other("a request without its descriptors"))
}

/// Asks the zygote for a renderer with these two descriptors; this is the worker's side. Returns its process id.
pub(super) fn ask(mut zygote: &UnixStream, descriptors: [BorrowedFd<'_>; 2]) -> io::Result<Pid> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    sendmsg(zygote, &[IoSlice::new(&[0])], &mut control, SendFlags::NOSIGNAL)?;
    let mut answer = [0; 4];
    zygote.read_exact(&mut answer)?;
    let answer = i32::from_le_bytes(answer);
    if answer < 0 {
        return Err(io::Error::from_raw_os_error(-answer));
    }
    Pid::from_raw(answer).ok_or_else(|| io::Error::other("a renderer without an id"))
}
