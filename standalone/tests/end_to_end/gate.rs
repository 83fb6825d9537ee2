//! A port that refuses connections until it is opened, and then leads to a server.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A closed gate. Its port is bound, so that no other process gets it, but nothing listens, so connections are refused.
pub(crate) struct Gate {
    socket: TcpSocket,
    pub(crate) address: SocketAddr,
}

impl Gate {
    pub(crate) fn closed() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
        let address = socket.local_addr().expect("its address");
        Self { socket, address }
    }

    /// Opens the gate: from now on it forwards connections to `server` (host and port).
    pub(crate) fn open(self, server: String) -> Passage {
        let listener = self.socket.listen(64).expect("listening");
        let connections = CancellationToken::new();
        let ended = connections.clone();
        let (blocked, watched) = watch::channel(false);
        let accepting = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (server, mut watched, ended) = (server.clone(), watched.clone(), ended.clone());
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(server).await?;
                    let blocked = async { watched.wait_for(|blocked| *blocked).await.is_ok() };
                    tokio::select! {
                        biased;
                        () = ended.cancelled() => Ok((0, 0)),
                        // Both ends stay open, but no more bytes pass between them.
                        true = blocked => std::future::pending().await,
                        ended = copy_bidirectional(&mut client, &mut server) => ended,
                    }
                });
            }
        });
        Passage { blocked, connections, accepting }
    }
}

/// An open gate. It goes on to forward when it is dropped.
pub(crate) struct Passage {
    blocked: watch::Sender<bool>,
    connections: CancellationToken,
    accepting: JoinHandle<()>,
}

impl Passage {
    /// Stops all traffic without closing the connections.
    pub(crate) fn block(&self) {
        self.blocked.send_replace(true);
    }

    /// Closes all connections and accepts no new ones.
    pub(crate) fn close(self) {
        self.accepting.abort();
        self.connections.cancel();
    }
}
