//! The thread that starts the zygote and asks it for renderers.
//!
//! The kernel kills the zygote and the renderers when the thread that started the zygote ends (`PR_SET_PDEATHSIG`). So
//! this thread has to live as long as the worker, which the threads of an async runtime do not.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio, id};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::child::ARGUMENT;
use super::forked::Forked;
use super::zygote::ask;

/// The executable of the running program, even if an upgrade has replaced or removed its file.
const EXECUTABLE: &str = "/proc/self/exe";
/// The longest time for the zygote to answer, even if it starts on a busy machine.
const ANSWER: Duration = Duration::from_secs(10);

/// A new renderer process and the socket to it.
pub(super) type Spawned = io::Result<(Forked, UnixStream)>;

/// A handle of the thread. The thread ends when the last handle is dropped.
#[derive(Debug, Clone)]
pub(super) struct Spawner(mpsc::Sender<Request>);

#[derive(Debug)]
struct Request {
    input: File,
    spawned: oneshot::Sender<Spawned>,
}

impl Spawner {
    /// Starts the thread. Each of its renderers may use `memory` bytes. The current runtime watches the processes.
    pub(super) fn start(memory: u64) -> io::Result<Self> {
        let (requests, asked) = mpsc::channel::<Request>();
        let runtime = Handle::current();
        thread::Builder::new().name("renderers".into()).spawn(move || {
            let _entered = runtime.enter();
            let mut zygote = None;
            for Request { input, spawned } in asked {
                // If nobody waits for the renderer any more, it is dropped here, which kills it.
                drop(spawned.send(spawn(&mut zygote, &input, memory)));
            }
        })?;
        Ok(Self(requests))
    }

    /// Asks the thread for a renderer that reads `input`.
    pub(super) fn spawn(&self, input: File) -> oneshot::Receiver<Spawned> {
        let (spawned, receiver) = oneshot::channel();
        // If the thread has ended, the receiver gets an error.
        drop(self.0.send(Request { input, spawned }));
        receiver
    }
}

/// Has a renderer forked. A zygote that does not do it, for example because it was killed, is replaced once.
fn spawn(zygote: &mut Option<Zygote>, input: &File, memory: u64) -> Spawned {
    if let Some(forked) = zygote.as_ref().and_then(|zygote| zygote.fork(input).ok()) {
        return Ok(forked);
    }
    zygote.insert(Zygote::start(memory)?).fork(input)
}

/// The zygote, which ends when this is dropped.
struct Zygote {
    process: Child,
    socket: UnixStream,
}

impl Zygote {
    fn start(memory: u64) -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_read_timeout(Some(ANSWER))?;
        let process = Command::new(EXECUTABLE)
            .arg0("resizinator-renderer")
            .args([ARGUMENT, &id().to_string(), &memory.to_string()])
            .env_clear()
            .current_dir("/")
            // Ctrl-C must only reach the worker, which lets its renderers finish their jobs.
            .process_group(0)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { process, socket: ours })
    }

    fn fork(&self, input: &File) -> Spawned {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let pid = ask(&self.socket, [input.as_fd(), theirs.as_fd()])?;
        Ok((Forked::adopt(pid)?, ours))
    }
}

impl Drop for Zygote {
    fn drop(&mut self) {
        // It fails only if the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
