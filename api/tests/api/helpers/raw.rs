//! Helpers for requests that no client library sends.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Answer, TestApp};

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
