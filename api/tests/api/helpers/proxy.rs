//! A proxy to a backend that a test can close and open again.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// A port at which nothing listens. It is bound, so that no other process can listen there.
pub(crate) struct ClosedPort {
    pub(crate) address: SocketAddr,
    socket: TcpSocket,
}

impl ClosedPort {
    pub(crate) fn new() -> Self {
        Self::at((Ipv4Addr::LOCALHOST, 0).into())
    }

    fn at(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("an option");
        socket.bind(address).expect("binds");
        Self { address: socket.local_addr().expect("has an address"), socket }
    }
}

/// A proxy that forwards bytes to a server. While it is closed, it refuses connections and breaks those that are open.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    target: String,
    closed: Option<ClosedPort>,
    accepting: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Makes a closed proxy to the server that this URL names. A URL without a port means the port of PostgreSQL.
    pub(crate) fn to(server: &Url) -> Self {
        let (port, target) = (ClosedPort::new(), server.socket_addrs(|| Some(5432)).expect("an address"));
        Self { address: port.address, target: target[0].to_string(), closed: Some(port), accepting: None }
    }

    /// Returns the URL of a server with the address of the proxy in place of the server's.
    pub(crate) fn url(&self, mut server: Url) -> Url {
        server.set_ip_host(self.address.ip()).expect("has a host");
        server.set_port(Some(self.address.port())).expect("has a port");
        server
    }

    pub(crate) fn open(&mut self) {
        let port = self.closed.take().expect("is closed");
        let listener = port.socket.listen(64).expect("listens");
        self.accepting = Some(tokio::spawn(pass_on(listener, self.target.clone())));
    }

    pub(crate) async fn close(&mut self) {
        let accepting = self.accepting.take().expect("is open");
        accepting.abort();
        // The listener and all connections are closed when the task has ended.
        drop(accepting.await);
        self.closed = Some(ClosedPort::at(self.address));
    }
}

async fn pass_on(listener: TcpListener, target: String) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        let target = target.clone();
        connections.spawn(async move {
            let mut server = TcpStream::connect(target).await.expect("reaches the server");
            drop(copy_bidirectional(&mut client, &mut server).await);
        });
    }
}
