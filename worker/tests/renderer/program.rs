//! A story of the program `resizinator-worker` itself.

use std::fs::{File, Permissions};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::io::{FdFlags, fcntl_setfd};

use crate::stories::eventually;
use crate::worker::{NOBODY, children};

pub(crate) async fn the_program_keeps_its_memory_private_and_starts_its_renderers_as_an_ordinary_user() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).expect("its permissions");
    // By its descriptor, an ordinary user can start the program even from a folder that is somebody else's.
    let program = File::open(env!("CARGO_BIN_EXE_resizinator-worker")).expect("the program");
    fcntl_setfd(&program, FdFlags::empty()).expect("its flags");
    let mut command = Command::new(format!("/proc/self/fd/{}", program.as_raw_fd()));
    command
        .env_clear()
        .env("RESIZINATOR_DATA", folder.path())
        // Nobody listens there, so the worker waits for its broker.
        .env("QUEUE_URL", "amqp://user:password@127.0.0.1:9/vhost")
        .env("RESIZINATOR_SLOTS", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if rustix::process::getuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let mut worker = command.spawn().expect("a worker");
    eventually("the zygote and the renderer run", || children(worker.id()).len() == 2).await;
    let environment = std::fs::metadata(format!("/proc/{}/environ", worker.id())).expect("its environment");
    worker.kill().expect("SIGKILL");
    worker.wait().expect("its end");
    // The kernel gives the files of a process that is not dumpable to root.
    assert_eq!(environment.uid(), 0);
}
