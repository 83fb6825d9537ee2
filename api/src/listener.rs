//! The socket that clients connect to.

use std::io;
use std::net::{Shutdown, TcpListener, ToSocketAddrs};

use socket2::{Domain, SockRef, Socket, Type};

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

/// Makes the system refuse new connections. Those that were accepted go on.
pub(crate) fn refuse(listener: &TcpListener) {
    if let Err(error) = SockRef::from(listener).shutdown(Shutdown::Both) {
        log::warn!("connections are still accepted: {error}");
    }
}
