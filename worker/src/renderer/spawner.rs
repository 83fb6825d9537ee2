//! The thread that all renderers are spawned from.
//!
//! A renderer is killed by the kernel when the thread ends that spawned it (`PR_SET_PDEATHSIG`), so that thread has
//! to live as long as the worker does; threads of a runtime come and go.

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

/// This very program, even if its file has been replaced or removed by an upgrade.
const EXECUTABLE: &str = "/proc/self/exe";

/// A new process, and the socket to it.
pub(super) type Spawned = io::Result<(Child, UnixStream)>;

/// Asks the thread, which ends with the last of these.
#[derive(Debug, Clone)]
pub(super) struct Spawner(mpsc::Sender<Request>);

#[derive(Debug)]
struct Request {
    input: File,
    spawned: oneshot::Sender<Spawned>,
}

impl Spawner {
    /// Of renderers with `memory` bytes each. The processes are watched by the present runtime.
    pub(super) fn start(memory: u64) -> io::Result<Self> {
        let (requests, asked) = mpsc::channel::<Request>();
        let runtime = Handle::current();
        thread::Builder::new().name("renderers".into()).spawn(move || {
            let _entered = runtime.enter();
            for Request { input, spawned } in asked {
                // Whoever no longer wants it drops it, and that kills it.
                drop(spawned.send(spawn(input, memory)));
            }
        })?;
        Ok(Self(requests))
    }

    /// Begins to spawn a renderer that reads `input`.
    pub(super) fn spawn(&self, input: File) -> oneshot::Receiver<Spawned> {
        let (spawned, receiver) = oneshot::channel();
        // If the thread has ended, the receiver hears of it.
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
        // Ctrl-C is for the worker, which lets its renderers finish.
        .process_group(0)
        .stdin(input)
        .stdout(std::os::fd::OwnedFd::from(theirs))
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    Ok((child, ours))
}
