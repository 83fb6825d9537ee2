//! A port that refuses connections until it is opened, and then leads to a server.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;

/// Bound and not listening: nobody else gets the port, and whoever connects is refused.
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

    /// Forwards connections to `server` (host and port) from now on.
    pub(crate) fn open(self, server: String) -> Passage {
        let listener = self.socket.listen(64).expect("listening");
        let (blocked, watched) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (server, mut watched) = (server.clone(), watched.clone());
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(server).await?;
                    let blocked = async { watched.wait_for(|blocked| *blocked).await.is_ok() };
                    tokio::select! {
                        biased;
                        // Both ends stay open, and neither hears from the other again.
                        true = blocked => std::future::pending().await,
                        ended = copy_bidirectional(&mut client, &mut server) => ended,
                    }
                });
            }
        });
        Passage { blocked }
    }
}

/// An open gate. Keeps forwarding when dropped.
pub(crate) struct Passage {
    blocked: watch::Sender<bool>,
}

impl Passage {
    /// Nothing passes any more, and nobody is told.
    pub(crate) fn block(&self) {
        self.blocked.send_replace(true);
    }
}
