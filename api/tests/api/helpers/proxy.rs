//! A way to a backend that a test can close and open again.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// Passes bytes on to a server. Dropped or closed, it refuses and breaks connections.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    target: String,
    accepting: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Takes an address, where nobody listens yet.
    pub(crate) fn closed(target: String) -> Self {
        Self { address: closed_port(), target, accepting: None }
    }

    pub(crate) fn open(&mut self) {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("an option");
        socket.bind(self.address).expect("binds");
        let (listener, target) = (socket.listen(64).expect("listens"), self.target.clone());
        self.accepting = Some(tokio::spawn(pass_on(listener, target)));
    }

    pub(crate) async fn close(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
            // The listener and all connections are gone once the task is.
            drop(accepting.await);
        }
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

/// An address where nobody listens.
pub(crate) fn closed_port() -> SocketAddr {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("binds");
    listener.local_addr().expect("has an address")
}
