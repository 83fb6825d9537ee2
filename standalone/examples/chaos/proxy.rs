//! A proxy between the processes and a server, which can disturb the connections.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// The disturbance of connections, including those that are already open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Pass,
    /// Nothing gets through, and no side gets an error.
    Silent,
    /// All connections are closed, including new ones.
    Closed,
    /// Each HTTP request is answered with this status.
    Status(u16),
    /// There is a pause after each piece of data.
    Slow(Duration),
    /// Each connection is closed after this many bytes, in the middle of its data.
    CutOff(usize),
}

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    mode: watch::Sender<Mode>,
}

const PIECE: usize = 16 << 10;

impl Proxy {
    pub(crate) async fn to(server: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("a port for a proxy")?;
        let address = listener.local_addr()?;
        let (mode, watched) = watch::channel(Mode::Pass);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, watched.clone()));
            }
        });
        Ok(Self { address, mode })
    }

    /// Disturbs the connections for a time, and then stops.
    pub(crate) async fn disturb(&self, mode: Mode, duration: Duration) {
        self.mode.send_replace(mode);
        sleep(duration).await;
        self.mode.send_replace(Mode::Pass);
    }
}

/// Ends when either side ends. Errors are ignored, because they are those of a network.
async fn carry(mut client: TcpStream, server: SocketAddr, mut mode: watch::Receiver<Mode>) {
    if let Mode::Closed = *mode.borrow() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    // Without this, the system may hold a small piece back until the piece before it is acknowledged, which takes 40 ms.
    if client.set_nodelay(true).and_then(|()| server.set_nodelay(true)).is_err() {
        return;
    }
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let refusal = {
        let up = pump(&mut from_client, &mut to_server, mode.clone(), true);
        let down = pump(&mut from_server, &mut to_client, mode.clone(), false);
        let closed = mode.wait_for(|mode| *mode == Mode::Closed);
        tokio::select! {
            end = up => end,
            end = down => end,
            _ = closed => None,
        }
    };
    if let Some(status) = refusal {
        let answer = format!("HTTP/1.1 {status} Chaos\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        to_client.write_all(answer.as_bytes()).await.ok();
    }
}

/// Returns the status to answer with, if there is one.
async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut mode: watch::Receiver<Mode>,
    requests: bool,
) -> Option<u16> {
    let mut piece = vec![0; PIECE];
    let mut carried = 0;
    loop {
        let read = from.read(&mut piece).await.ok().filter(|&read| read > 0)?;
        mode.wait_for(|mode| *mode != Mode::Silent).await.ok()?;
        let now = *mode.borrow();
        let mut rest = &piece[..read];
        match now {
            Mode::Status(status) if requests => return Some(status),
            Mode::CutOff(after) if carried + read > after => {
                rest = &rest[..after.saturating_sub(carried)];
                to.write_all(rest).await.ok();
                return None;
            }
            Mode::Slow(pause) => sleep(pause).await,
            _ => {}
        }
        carried = if let Mode::CutOff(_) = now { carried + rest.len() } else { 0 };
        to.write_all(rest).await.ok()?;
    }
}
