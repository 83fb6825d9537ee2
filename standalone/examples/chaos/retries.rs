//! Clients whose connections die. Each gives its upload a key and repeats it until an answer comes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use rand::RngExt;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::ledger::{Answer, Ledger, Tries, Upload};
use crate::picture::Picture;
use crate::stage::Stage;

/// How long a client waits for an answer before it gives the connection up.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a client goes on after the last fault. A dead upload keeps its key for half a minute.
const LAST_TRIES: Duration = Duration::from_secs(90);

/// Where a connection dies.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// Within the request, after this part of it.
    Within(f64),
    /// Behind the request, while it is worked on.
    Behind(Duration),
    /// Behind the first byte of the answer.
    InAnswer,
    /// It lives.
    Never,
}

impl Cut {
    fn random() -> Self {
        let mut random = rand::rng();
        match random.random_range(0..10) {
            0 => Self::Within(random.random_range(0.0..1.0)),
            1..=3 => Self::Behind(Duration::from_millis(random.random_range(0..200))),
            4..=5 => Self::InAnswer,
            _ => Self::Never,
        }
    }
}

pub(crate) async fn client(
    stage: &Stage,
    ledger: &Ledger,
    pictures: &[Picture],
    names: &AtomicU64,
    over: &AtomicBool,
) {
    while !over.load(Ordering::Relaxed) {
        let (picture, pause) = {
            let mut random = rand::rng();
            (random.random_range(0..pictures.len()), Duration::from_millis(random.random_range(200..1800)))
        };
        let number = names.fetch_add(1, Ordering::Relaxed);
        let file_name = format!("{number}.{}", pictures[picture].extension);
        let began = Instant::now();
        let (answer, tries) = until_answered(stage, number, &file_name, &pictures[picture].bytes, over).await;
        let ended = Instant::now();
        ledger.note_upload(Upload {
            file_name,
            picture,
            began,
            ended,
            answer,
            deleted: false,
            tries: Some(tries),
        });
        sleep(pause).await;
    }
}

async fn until_answered(
    stage: &Stage,
    number: u64,
    file_name: &str,
    bytes: &[u8],
    over: &AtomicBool,
) -> (Answer, Tries) {
    let (mut tries, mut last_tries) = (Tries::default(), None);
    loop {
        // Once nothing is broken any more, no connection dies either.
        let is_over = over.load(Ordering::Relaxed);
        let cut = if is_over { Cut::Never } else { Cut::random() };
        let base = &stage.bases[rand::random_range(0..2)];
        let outcome = timeout(PATIENCE, upload(stage, base, number, file_name, bytes, cut)).await;
        tries.all += 1;
        match outcome {
            Ok(Ok(Some((201, id)))) => return (id.map_or(Answer::None, Answer::Accepted), tries),
            Ok(Ok(Some((409, _)))) => tries.told_to_wait += 1,
            Ok(Ok(Some((429 | 503, _)))) => {}
            Ok(Ok(Some((status, _)))) => {
                println!("An upload with a key was answered {status}.");
                return (Answer::Refused, tries);
            }
            Ok(Ok(None)) => tries.cut += 1,
            Ok(Err(_)) | Err(_) => {}
        }
        if is_over && last_tries.get_or_insert_with(Instant::now).elapsed() > LAST_TRIES {
            return (Answer::None, tries);
        }
        let pause = rand::rng().random_range(50..500);
        sleep(Duration::from_millis(pause)).await;
    }
}

/// One try. Returns the status and the id of the image; `None` if the connection was cut.
async fn upload(
    stage: &Stage,
    base: &str,
    number: u64,
    file_name: &str,
    bytes: &[u8],
    cut: Cut,
) -> anyhow::Result<Option<(u16, Option<i64>)>> {
    let address = base.strip_prefix("http://").context("an address")?;
    let request = request(stage, address, number, file_name, bytes);
    let mut stream = TcpStream::connect(address).await?;
    if let Cut::Within(part) = cut {
        stream.write_all(&request[..(request.len() as f64 * part) as usize]).await?;
        return Ok(None);
    }
    stream.write_all(&request).await?;
    if let Cut::Behind(pause) = cut {
        sleep(pause).await;
        return Ok(None);
    }
    if let Cut::InAnswer = cut {
        stream.read_u8().await?;
        return Ok(None);
    }
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8(answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer")?;
    let status = head.split(' ').nth(1).context("a status")?.parse()?;
    let record: Option<Value> = serde_json::from_str(body).ok();
    Ok(Some((status, record.and_then(|record| record["id"].as_i64()))))
}

/// The request, whose boundary differs from try to try.
fn request(stage: &Stage, address: &str, number: u64, file_name: &str, bytes: &[u8]) -> Vec<u8> {
    let boundary = format!("{:032x}", rand::random::<u128>());
    let part = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"original\"; filename=\"{file_name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    let end = format!("\r\n--{boundary}--\r\n");
    let head = format!(
        "POST /image/ HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Token {}\r\n\
         Idempotency-Key: \"upload-{number}\"\r\nContent-Type: multipart/form-data; boundary={boundary}\r\n\
         Content-Length: {}\r\n\r\n{part}",
        stage.token,
        part.len() + bytes.len() + end.len()
    );
    [head.as_bytes(), bytes, end.as_bytes()].concat()
}
