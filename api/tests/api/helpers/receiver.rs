//! The receiver of a webhook: a small HTTP server that keeps what it gets, and answers as the test says.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::until;

pub(crate) struct Receiver {
    /// The URL to register.
    pub(crate) url: String,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    received: Mutex<Vec<Received>>,
    reply: watch::Sender<Reply>,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

/// What becomes of the messages that come now.
#[derive(Clone, Copy, PartialEq)]
enum Reply {
    /// They are answered with this status.
    Status(u16),
    /// They are not answered.
    Never,
    /// They wait until the test says how to answer them.
    Later,
}

/// A message as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Receiver {
    /// Starts a receiver that takes every message.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            received: Mutex::default(),
            reply: watch::Sender::new(Reply::Status(204)),
            open: AtomicUsize::default(),
            most_open: AtomicUsize::default(),
        });
        let serving = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&serving)));
            }
        });
        Self { url: format!("http://{address}/hooks?key=hunter2"), shared, accepting }
    }

    /// Answers the messages that come from now on with this status, and also those that wait for an answer.
    pub(crate) fn answer(&self, status: u16) {
        self.shared.reply.send_replace(Reply::Status(status));
    }

    /// Leaves the messages that come from now on without an answer.
    pub(crate) fn never_answer(&self) {
        self.shared.reply.send_replace(Reply::Never);
    }

    /// Keeps the messages that come from now on waiting until the test calls [`Self::answer`].
    pub(crate) fn answer_later(&self) {
        self.shared.reply.send_replace(Reply::Later);
    }

    /// All messages that came, in their order.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.lock().clone()
    }

    /// Waits until so many messages have come.
    pub(crate) async fn has(&self, messages: usize) -> Vec<Received> {
        until("the messages have come", async || self.received().len() >= messages).await;
        self.received()
    }

    /// How many messages were being answered at the same time at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.shared.most_open.load(Ordering::SeqCst)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Vec<Received>> {
        self.received.lock().expect("no test panics here")
    }
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The type of the message, and the id of its image.
    pub(crate) fn told(&self) -> (String, Value) {
        let body = self.json();
        (body["type"].as_str().expect("a text").to_owned(), body["data"]["image_id"].clone())
    }

    /// Which of the signatures are those of the secrets, in their order.
    #[track_caller]
    pub(crate) fn assert_signed_by(&self, secrets: &[&str]) {
        let timestamp = self.header("webhook-timestamp");
        let sign = |secret: &&str| {
            let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("Base64");
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
            mac.update(format!("{}.{timestamp}.", self.id()).as_bytes());
            mac.update(&self.body);
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        };
        let expected: Vec<_> = secrets.iter().map(sign).collect();
        assert_eq!(self.header("webhook-signature"), expected.join(" "));
        let age = chrono::Utc::now().timestamp() - timestamp.parse::<i64>().expect("seconds");
        // The time is that of the database, which may be a little ahead of ours.
        assert!((-5..60).contains(&age), "{timestamp}");
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let mut stream = BufReader::new(stream);
    let Some(received) = read(&mut stream).await else { return };
    let open = shared.open.fetch_add(1, Ordering::SeqCst) + 1;
    shared.most_open.fetch_max(open, Ordering::SeqCst);
    shared.lock().push(received);
    let mut replies = shared.reply.subscribe();
    let told = replies.wait_for(|reply| *reply != Reply::Later).await.map(|reply| *reply);
    if let Ok(Reply::Status(status)) = told {
        // Before the answer, since the next message may come right after it.
        shared.open.fetch_sub(1, Ordering::SeqCst);
        let answer = format!("HTTP/1.1 {status} Answer\r\nContent-Length: 0\r\n\r\n");
        let _ = stream.write_all(answer.as_bytes()).await;
        return;
    }
    // Nothing more comes than the end of the connection.
    let _ = stream.read_u8().await;
    shared.open.fetch_sub(1, Ordering::SeqCst);
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    assert!(line.starts_with("POST /hooks?key=hunter2 HTTP/1.1"), "{line}");
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received { headers, body })
}
