//! Tests of deliveries to receivers in this process.

mod deliveries;
mod hosts;
mod limits;
mod tls;

use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use resizinator_shared::settings::WebhookTargets;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::network::Network;
use super::network::System;
use super::send::TIME_LIMIT;
use super::tls::connector;
use super::{Message, Sender, Target, WebhookSecret};

/// The certificate of `hooks.example`, which has signed itself. It is valid for a hundred years.
const CERTIFICATE: &[u8] = include_bytes!("hooks.example.certificate.der");

const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn message() -> Message {
    Message {
        id: "msg_1".into(),
        timestamp: 1_700_000_000,
        body: Bytes::from_static(br#"{"type":"image.ready"}"#),
        secrets: vec![WebhookSecret::random()],
    }
}

fn target(text: &str) -> Target {
    Target::parse(text, WebhookTargets::Private).expect("a target")
}

/// A network whose names and addresses all lead to one receiver, and which notes what it is asked for.
#[derive(Default)]
struct Fake {
    /// The addresses that the names have, one list for each time that one is resolved.
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    /// The addresses that refuse connections.
    down: Vec<IpAddr>,
    /// The addresses that never accept one, and never refuse it either.
    silent: Vec<IpAddr>,
    receiver: Option<SocketAddr>,
    resolved: Mutex<Vec<String>>,
    connected: Mutex<Vec<String>>,
}

impl Fake {
    fn new<const N: usize>(answers: [&[&str]; N]) -> Self {
        let parse = |answer: &[&str]| answer.iter().map(|text| text.parse().expect("an address")).collect();
        Self { answers: Mutex::new(answers.into_iter().map(parse).collect()), ..Self::default() }
    }

    fn resolved(&self) -> Vec<String> {
        self.resolved.lock().expect("no panic").clone()
    }

    fn connected(&self) -> Vec<String> {
        self.connected.lock().expect("no panic").clone()
    }

    /// A sender to public targets over this network. It trusts the certificate of `hooks.example`.
    fn sender(self: &Arc<Self>, limit: Duration) -> Sender<Arc<Self>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_slice(CERTIFICATE)).expect("a certificate");
        Sender::with(WebhookTargets::Public, limit, self.clone(), connector(roots))
    }
}

impl Network for Arc<Fake> {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.resolved.lock().expect("no panic").push(name.to_owned());
        self.answers.lock().expect("no panic").pop_front().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        self.connected.lock().expect("no panic").push(address.to_string());
        if self.silent.contains(&address.ip()) {
            pending::<()>().await;
        }
        match self.receiver {
            Some(receiver) if !self.down.contains(&address.ip()) => TcpStream::connect(receiver).await,
            _ => Err(io::ErrorKind::ConnectionRefused.into()),
        }
    }
}

/// What listens for deliveries.
struct Receiver(TcpListener);

impl Receiver {
    async fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.expect("a port"))
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("an address")
    }

    fn target(&self) -> Target {
        target(&format!("http://{}/hook?token=hunter2", self.address()))
    }

    async fn accept(&self) -> TcpStream {
        self.0.accept().await.expect("a connection").0
    }
}

/// A sender of plain HTTP to addresses, with this time for each delivery.
fn sender(limit: Duration) -> Sender {
    Sender::with(WebhookTargets::Private, limit, System::new(), connector(RootCertStore::empty()))
}

/// Reads a request to its end.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut bytes).await.expect("a request"), 0, "the request is not whole");
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        if body.len() >= length.parse::<usize>().expect("a number") {
            return text.into_owned();
        }
    }
}
