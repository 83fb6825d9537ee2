//! The thread that spawns all renderers.
//!
//! The kernel kills a renderer when the thread that spawned it ends (`PR_SET_PDEATHSIG`). So this thread has to live as
//! long as the worker, which the threads of an async runtime do not.

use std::io;
use std::os::unix::net::UnixStream;
use std::process::{Stdio, id};
use std::sync::mpsc;
use std::thread;

use std::fs::File;
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::child::ARGUMENT;

/// The executable of the running program, even if an upgrade has replaced or removed its file.
const EXECUTABLE: &str = "/proc/self/exe";

/// A new renderer process and the socket to it.
pub(super) type Spawned = io::Result<(Child, UnixStream)>;

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
            for Request { input, spawned } in asked {
                // If nobody waits for the renderer any more, it is dropped here, which kills it.
                drop(spawned.send(spawn(input, memory)));
            }
        })?;
        Ok(Self(requests))
    }

    /// Asks the thread to spawn a renderer that reads `input`.
    pub(super) fn spawn(&self, input: File) -> oneshot::Receiver<Spawned> {
        let (spawned, receiver) = oneshot::channel();
        // If the thread has ended, the receiver gets an error.
        drop(self.0.send(Request { input, spawned }));
        receiver
    }
}

fn spawn(input: File, memory: u64) -> Spawned {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let child = Command::new(EXECUTABLE)
        .arg0("resizinator-renderer")
        .args([ARGUMENT, &id().to_string(), &memory.to_string()])
        .env_clear()
        .current_dir("/")
        // Ctrl-C must only reach the worker, which lets its renderers finish their jobs.
        .process_group(0)
        .stdin(input)
        .stdout(std::os::fd::OwnedFd::from(theirs))
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    Ok((child, ours))
}
