//! A proxy that counts what a client asks of Postgres.
//! <https://www.postgresql.org/docs/current/protocol-message-formats.html>

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// The code of a request for TLS, which comes in the place of a version.
const SSL_REQUEST: [u8; 4] = 80_877_103_u32.to_be_bytes();

/// What was asked of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// How often the client waited for the server: each `Sync` and each simple query is one round trip.
    pub round_trips: u64,
    /// How many transactions ended, each of which is at most one sync of the log.
    pub transactions: u64,
}

/// How long nothing is asked before what was asked is complete.
const MOMENT: Duration = Duration::from_millis(30);

/// A proxy to a Postgres that counts.
#[derive(Debug)]
pub struct CountingProxy {
    address: SocketAddr,
    counts: Arc<Counts>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Counts {
    round_trips: AtomicU64,
    /// How often the server said that it is ready, in a transaction or not.
    ready: AtomicU64,
    transactions: AtomicU64,
}

impl CountingProxy {
    /// Starts a proxy to the server of a URL.
    pub async fn to(url: &str) -> Self {
        let url = Url::parse(url).expect("a URL");
        let target = format!("{}:{}", url.host_str().expect("a host"), url.port().unwrap_or(5432));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("binds");
        let address = listener.local_addr().expect("has an address");
        let counts = Arc::new(Counts::default());
        let counted = Arc::clone(&counts);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, target.clone(), Arc::clone(&counted)));
            }
        });
        Self { address, counts, accepting }
    }

    /// The URL with the proxy's address in place of the server's.
    pub fn url(&self, url: &str) -> String {
        let mut url = Url::parse(url).expect("a URL");
        url.set_ip_host(self.address.ip()).expect("has a host");
        url.set_port(Some(self.address.port())).expect("has a port");
        url.into()
    }

    /// What was asked since the last call, once nothing was asked for a moment.
    pub async fn take(&self) -> Asked {
        let mut asked = None;
        loop {
            self.wait_for(0).await;
            let now = self.counts.round_trips.load(Ordering::SeqCst);
            if asked.replace(now) == Some(now) {
                break;
            }
            tokio::time::sleep(MOMENT).await;
        }
        Asked {
            round_trips: self.counts.round_trips.swap(0, Ordering::SeqCst),
            transactions: {
                self.counts.ready.store(0, Ordering::SeqCst);
                self.counts.transactions.swap(0, Ordering::SeqCst)
            },
        }
    }

    /// Waits until there were so many round trips, and nothing is under way.
    pub async fn wait_for(&self, round_trips: u64) {
        let begin = Instant::now();
        loop {
            let asked = self.counts.round_trips.load(Ordering::SeqCst);
            if asked >= round_trips && asked == self.counts.ready.load(Ordering::SeqCst) {
                return;
            }
            assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", self.counts);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Drop for CountingProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass(mut client: TcpStream, target: String, counts: Arc<Counts>) -> io::Result<()> {
    let mut server = TcpStream::connect(target).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    // The first message has no type. One that asks for TLS is answered by a single byte, here always with no.
    loop {
        let message = body(&mut client, &[]).await?;
        server.write_all(&message).await?;
        if message[4..8] != SSL_REQUEST {
            break;
        }
        let answer = server.read_u8().await?;
        assert_eq!(answer, b'N', "a server without TLS");
        client.write_u8(answer).await?;
    }
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asking = messages(&mut from_client, &mut to_server, |message| {
        if matches!(message[0], b'S' | b'Q') {
            counts.round_trips.fetch_add(1, Ordering::SeqCst);
        }
    });
    let mut is_started = false;
    let answering = messages(&mut from_server, &mut to_client, |message| {
        // The server is ready for the first time without having been asked.
        if message[0] == b'Z' && std::mem::replace(&mut is_started, true) {
            counts.transactions.fetch_add(u64::from(message[5] == b'I'), Ordering::SeqCst);
            counts.ready.fetch_add(1, Ordering::SeqCst);
        }
    });
    tokio::try_join!(asking, answering).map(drop)
}

/// Passes messages on until the connection ends.
async fn messages(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut see: impl FnMut(&[u8]),
) -> io::Result<()> {
    loop {
        let kind = from.read_u8().await?;
        let message = body(from, &[kind]).await?;
        see(&message);
        to.write_all(&message).await?;
    }
}

/// Reads a message whose type is read already.
async fn body(from: &mut (impl AsyncRead + Unpin), kind: &[u8]) -> io::Result<Vec<u8>> {
    let len = from.read_u32().await?;
    let mut message = kind.to_vec();
    message.extend(len.to_be_bytes());
    let begin = message.len();
    // The length counts its own four bytes.
    message.resize(begin + len as usize - 4, 0);
    from.read_exact(&mut message[begin..]).await?;
    Ok(message)
}
