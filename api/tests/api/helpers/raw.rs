//! Helpers for requests that no client library sends.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::{Answer, Form, TestApp, User};

/// How long a test waits for bytes or for the end of a connection.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends bytes, ends the stream, and returns the answer, which has to follow the rules for all answers.
pub(crate) async fn raw_answer(app: &TestApp, request: impl AsRef<[u8]>) -> Answer {
    let answer = parse(&raw(app, request.as_ref()).await).0;
    answer.assert_contract();
    answer
}

/// Sends bytes, ends the stream, and returns all bytes that come back.
async fn raw(app: &TestApp, request: &[u8]) -> Vec<u8> {
    let mut line = Line::to(app).await;
    line.send(request).await;
    line.stream.shutdown().await.expect("closes this half");
    line.rest().await
}

/// A connection to an api, byte by byte.
pub(crate) struct Line {
    pub(crate) stream: TcpStream,
}

impl Line {
    pub(crate) async fn to(app: &TestApp) -> Self {
        Self { stream: TcpStream::connect(app.address).await.expect("connects") }
    }

    /// Connects from one of the addresses of this machine (127.0.0.0/8).
    pub(crate) async fn from(address: [u8; 4], app: &TestApp) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from((address, 0))).expect("a loopback address");
        Self { stream: socket.connect(app.address).await.expect("connects") }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.expect("sends");
    }

    /// Sends the same bytes until the api has closed the connection, at most `times`. Returns how often it did.
    pub(crate) async fn send_until_closed(&mut self, bytes: &[u8], pause: Duration, times: usize) -> usize {
        for time in 0..times {
            if self.stream.write_all(bytes).await.is_err() {
                return time;
            }
            tokio::time::sleep(pause).await;
        }
        panic!("the api still listens")
    }

    /// The next answer, while the connection stays open.
    pub(crate) async fn answer(&mut self) -> Answer {
        let answer = next_answer(&mut self.stream).await;
        answer.assert_contract();
        answer
    }

    /// All answers that come before the api closes the connection.
    pub(crate) async fn last_answers(&mut self) -> Vec<Answer> {
        let bytes = self.rest().await;
        let mut left = &bytes[..];
        let mut answers = Vec::new();
        while !left.is_empty() {
            let (answer, rest) = parse(left);
            answer.assert_contract();
            answers.push(answer);
            left = rest;
        }
        answers
    }

    /// The bytes that come before the api closes the connection.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let read = timeout(PATIENCE, self.stream.read_to_end(&mut bytes)).await;
        match read.expect("the api closes the connection") {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
            _ => bytes,
        }
    }
}

/// Sends bytes, and returns the answer, which has to come although the request is not ended.
pub(crate) async fn early_answer(app: &TestApp, request: &[u8]) -> Answer {
    let mut line = Line::to(app).await;
    line.send(request).await;
    line.answer().await
}

/// Reads the next answer of a connection that stays open.
pub(crate) async fn next_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    loop {
        let read = timeout(PATIENCE, stream.read_buf(&mut bytes)).await.expect("an answer in time");
        let is_open = read.expect("reads") > 0;
        let answer = bytes.windows(4).any(|four| four == b"\r\n\r\n").then(|| parse(&bytes).0);
        match answer {
            Some(answer) if answer.header("content-length") == answer.body.len().to_string() => {
                return answer;
            }
            _ => assert!(is_open, "the connection ended after {:?}", String::from_utf8_lossy(&bytes)),
        }
    }
}

/// The head of an upload whose connection ends after it.
pub(crate) fn upload_head(user: &User<'_>, length: &str) -> Vec<u8> {
    let (token, content_type) = (&user.token, Form::TYPE);
    format!(
        "POST /image/ HTTP/1.1\r\nHost: here\r\nConnection: close\r\nAuthorization: Token {token}\r\n\
         Content-Type: {content_type}\r\n{length}\r\n\r\n"
    )
    .into_bytes()
}

/// The status of the answer to bytes that may be no request at all.
pub(crate) async fn raw_status(app: &TestApp, request: &[u8]) -> u16 {
    parse(&raw(app, request).await).0.status
}

/// Parses the first answer in the bytes that came back, and returns those behind it.
fn parse(bytes: &[u8]) -> (Answer, &[u8]) {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer");
    let head = std::str::from_utf8(&bytes[..end]).expect("ASCII");
    let mut lines = head.split("\r\n");
    let status = lines.next().expect("a status line")[9..12].parse().expect("a status");
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").expect("a header");
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        headers.append(name, HeaderValue::from_str(value).expect("a value"));
    }
    let body = &bytes[end + 4..];
    let length = headers.get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    let (body, rest) = body.split_at(length.unwrap_or(0).min(body.len()));
    (Answer { status, headers, body: body.to_vec() }, rest)
}
