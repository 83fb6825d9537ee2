//! The socket that clients connect to.

use std::io;
use std::net::{Shutdown, TcpListener, ToSocketAddrs};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, SockRef, Socket, Type};
use tokio::time::{sleep, timeout};

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1024;

/// Listens at the first address of `host_and_port` that can be bound.
pub(crate) fn listen(host_and_port: &str) -> io::Result<TcpListener> {
    let mut outcome = Err(io::Error::new(io::ErrorKind::AddrNotAvailable, "it is no address of this host"));
    for address in host_and_port.to_socket_addrs()? {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        // With this, a port can be bound again while its last connections are still closing.
        socket.set_reuse_address(true)?;
        outcome = socket.bind(&address.into()).and_then(|()| socket.listen(BACKLOG)).map(|()| socket.into());
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

/// How long a connection that the system has taken may wait until it is accepted.
const ACCEPTED_WITHIN: Duration = Duration::from_secs(1);

/// Makes the system refuse new connections. Those that it has taken already are accepted first: a listener that ends
/// resets them, and their clients could not know whether their requests were read.
pub(crate) async fn refuse(listener: &TcpListener) {
    let socket = SockRef::from(listener);
    // What comes now is ignored, and refused when it is tried again.
    if let Err(error) = ignore_new(&socket) {
        log::debug!("connections still come while the waiting ones are accepted: {error}");
    }
    let accepted = async {
        while has_waiting(listener) {
            sleep(Duration::from_millis(1)).await;
        }
    };
    if timeout(ACCEPTED_WITHIN, accepted).await.is_err() {
        log::warn!("connections that were waiting to be accepted are reset");
    }
    if let Err(error) = socket.shutdown(Shutdown::Both) {
        log::warn!("connections are still accepted: {error}");
    }
}

/// Makes the system drop every packet for the listener, and so every attempt to connect.
#[cfg(target_os = "linux")]
fn ignore_new(socket: &SockRef<'_>) -> io::Result<()> {
    const KEEP_NOTHING: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    socket.attach_filter(&[socket2::SockFilter::new(KEEP_NOTHING, 0, 0, 0)])
}

#[cfg(not(target_os = "linux"))]
fn ignore_new(_: &SockRef<'_>) -> io::Result<()> {
    Ok(())
}

fn has_waiting(listener: &TcpListener) -> bool {
    let mut waiting = [PollFd::new(listener, PollFlags::IN)];
    poll(&mut waiting, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}
