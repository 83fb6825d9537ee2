//! Helpers for requests that no client library sends.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Answer, Form, TestApp, User};

const PATIENCE: Duration = Duration::from_secs(30);

/// Sends bytes, ends the stream, and returns all bytes that come back.
async fn raw(app: &TestApp, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(app.address).await.expect("connects");
    stream.write_all(request).await.expect("sends");
    stream.shutdown().await.expect("closes this half");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("reads");
    answer
}

/// Sends bytes, and returns the answer, which has to follow the rules for all answers.
pub(crate) async fn raw_answer(app: &TestApp, request: impl AsRef<[u8]>) -> Answer {
    let answer = parse(&raw(app, request.as_ref()).await);
    answer.assert_contract();
    answer
}

/// Sends bytes, and returns the answer, which has to come although the request is not ended.
pub(crate) async fn early_answer(app: &TestApp, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(app.address).await.expect("connects");
    stream.write_all(request).await.expect("sends");
    let answer = next_answer(&mut stream).await;
    answer.assert_contract();
    answer
}

/// Reads the next answer of a connection that stays open.
pub(crate) async fn next_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    loop {
        let read = timeout(PATIENCE, stream.read_buf(&mut bytes)).await.expect("an answer in time");
        let is_open = read.expect("reads") > 0;
        let answer = bytes.windows(4).any(|four| four == b"\r\n\r\n").then(|| parse(&bytes));
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
    parse(&raw(app, request).await).status
}

/// Parses the first answer in the bytes that came back.
fn parse(bytes: &[u8]) -> Answer {
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
    Answer { status, headers, body: bytes[end + 4..].to_vec() }
}
