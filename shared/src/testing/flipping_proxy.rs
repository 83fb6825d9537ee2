//! A proxy that changes what passes through it, as a faulty network card or memory on the way does.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// What ends the head of a request of HTTP/1.1.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A proxy to an HTTP server that flips one bit in the body of the first request of each connection.
#[derive(Debug)]
pub struct FlippingProxy {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl FlippingProxy {
    /// Starts a proxy to the server of a URL, which flips a bit of the byte at this place of the body. If the body is
    /// shorter, it stays as it is.
    pub async fn to(url: &Url, place: usize) -> Self {
        let target = url.socket_addrs(|| None).expect("an address")[0];
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("binds");
        let address = listener.local_addr().expect("has an address");
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, target, place));
            }
        });
        Self { address, accepting }
    }

    /// The URL of the proxy.
    pub fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.address)).expect("a URL")
    }
}

impl Drop for FlippingProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass(client: TcpStream, target: SocketAddr, place: usize) -> io::Result<()> {
    let server = TcpStream::connect(target).await?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asking = async {
        let mut head = Vec::new();
        // A byte at a time, so that nothing of the body is read with it.
        while !head.ends_with(END_OF_HEAD) {
            head.push(from_client.read_u8().await?);
        }
        to_server.write_all(&head).await?;
        copy(&mut (&mut from_client).take(place as u64), &mut to_server).await?;
        let byte = from_client.read_u8().await?;
        to_server.write_u8(byte ^ 1).await?;
        copy(&mut from_client, &mut to_server).await
    };
    tokio::try_join!(asking, copy(&mut from_server, &mut to_client)).map(drop)
}
