//! The kinds of bad connections.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::sleep;

use crate::api::{Api, Limits};
use crate::good::GoodClient;

const PIECE: &str = "--edge\r\nContent-Disposition: form-data; name=\"original\"; filename=\"a.bmp\"\r\n\r\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attack {
    PartialFirstHead,
    PartialSecondHead,
    BodyByteBySecond,
    LoginBodyThatStops,
    AnswerNotRead,
    AnswersNotRead,
    EndlessBodyAfter401,
    AbortedLogin,
    UploadThatStops,
}

impl Attack {
    pub(crate) const ALL: [Self; 9] = [
        Self::PartialFirstHead,
        Self::PartialSecondHead,
        Self::BodyByteBySecond,
        Self::LoginBodyThatStops,
        Self::AnswerNotRead,
        Self::AnswersNotRead,
        Self::EndlessBodyAfter401,
        Self::AbortedLogin,
        Self::UploadThatStops,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PartialFirstHead => "the first head does not end",
            Self::PartialSecondHead => "the second head does not end",
            Self::BodyByteBySecond => "a body comes at 1 byte a second",
            Self::LoginBodyThatStops => "the body of a login stops",
            Self::AnswerNotRead => "the answer is not read",
            Self::AnswersNotRead => "requests in a row, and no answer is read",
            Self::EndlessBodyAfter401 => "a chunked body without end after a 401",
            Self::AbortedLogin => "logins are aborted",
            Self::UploadThatStops => "uploads stop in the middle",
        }
    }

    /// How many connections of this kind there are at a time.
    pub(crate) const fn connections(self, is_full: bool) -> usize {
        let full = match self {
            // Each of them has thousands of requests answered before it is stuck.
            Self::AnswersNotRead => 20,
            Self::AbortedLogin => 600,
            Self::UploadThatStops => 200,
            _ => 1000,
        };
        if is_full { full } else { full / 10 }
    }

    /// How long the limits allow such a connection after its last byte.
    pub(crate) fn allowed(self, limits: &Limits) -> Duration {
        match self {
            Self::PartialFirstHead | Self::PartialSecondHead => limits.head,
            Self::BodyByteBySecond
            | Self::LoginBodyThatStops
            | Self::AnswerNotRead
            | Self::AnswersNotRead
            | Self::UploadThatStops => limits.stall,
            // The rest of a body is read for ten seconds after an early answer.
            Self::EndlessBodyAfter401 => Duration::from_secs(10),
            Self::AbortedLogin => limits.idle,
        }
    }

    /// Opens one such connection and completes when the api has closed it.
    pub(crate) async fn run(self, number: usize, api: &Api, good: &GoodClient) -> std::io::Result<()> {
        let mut stream = connect(number, api.address).await?;
        let mut send = async |bytes: &str| stream.write_all(bytes.as_bytes()).await;
        match self {
            Self::PartialFirstHead => send("GET /image/ HTTP/1.1\r\nHost: edge\r\nX-Part").await?,
            Self::PartialSecondHead => {
                send("GET /healthz HTTP/1.1\r\nHost: edge\r\n\r\n").await?;
                sleep(Duration::from_millis(200)).await;
                send("GET /image/ HTT").await?;
            }
            Self::BodyByteBySecond => {
                send(&login(5000)).await?;
                while send("x").await.is_ok() {
                    sleep(Duration::from_secs(1)).await;
                }
                return Ok(());
            }
            Self::LoginBodyThatStops => send(&(login(100) + "{\"username\"")).await?,
            Self::AnswerNotRead => {
                let path = good.file.splitn(4, '/').nth(3).unwrap_or_default();
                send(&format!("GET /{path} HTTP/1.1\r\nHost: edge\r\n\r\n")).await?;
                // It learns that the api has gone only if it sends something.
                while send("x").await.is_ok() {
                    sleep(Duration::from_millis(500)).await;
                }
                return Ok(());
            }
            Self::AnswersNotRead => {
                let requests = "GET /healthz HTTP/1.1\r\nHost: edge\r\n\r\n".repeat(1000);
                // When all buffers are full, this waits until the api has gone.
                while send(&requests).await.is_ok() {}
                return Ok(());
            }
            Self::EndlessBodyAfter401 => {
                send(&upload("wrong", "Transfer-Encoding: chunked")).await?;
                let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
                while send(&chunk).await.is_ok() {
                    sleep(Duration::from_millis(100)).await;
                }
                return Ok(());
            }
            Self::AbortedLogin => {
                let body = r#"{"username":"good","password":"a guess"}"#;
                return send(&(login(body.len()) + body)).await;
            }
            Self::UploadThatStops => {
                let token = &good.accounts[number % good.accounts.len()];
                let half =
                    format!("{}{PIECE}BM{}", upload(token, "Content-Length: 2000000"), "x".repeat(1 << 20));
                send(&half).await?;
            }
        }
        until_closed(&mut stream).await;
        Ok(())
    }
}

/// Connects from an address of its own, so that no limit per address helps.
async fn connect(number: usize, api: SocketAddr) -> std::io::Result<TcpStream> {
    let [.., third, fourth] = (number as u32 + 1).to_be_bytes();
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    socket.bind((Ipv4Addr::new(127, 1, third, fourth), 0).into())?;
    socket.connect(api).await
}

async fn until_closed(stream: &mut TcpStream) {
    let mut block = [0; 4096];
    while stream.read(&mut block).await.is_ok_and(|read| read > 0) {}
}

fn login(length: usize) -> String {
    format!(
        "POST /user/login/ HTTP/1.1\r\nHost: edge\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
}

fn upload(token: &str, framing: &str) -> String {
    format!(
        "POST /image/ HTTP/1.1\r\nHost: edge\r\nAuthorization: Token {token}\r\n\
         Content-Type: multipart/form-data; boundary=edge\r\n{framing}\r\n\r\n"
    )
}
