//! Tests of uploads that never end, or that announce too much. What is sent is bounded, whatever it consists of.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::helpers::{Form, TestApp, User, assert_left_nothing, early_answer, png, upload_head};

const LIMIT: u64 = 100_000;
const MORE: &str = r#"{"original":["The limit max_bytes is 100000 bytes, and the upload has more."]}"#;

/// Sends the begin of a body, and then the same bytes again and again until the api answers.
async fn endless(app: &TestApp, user: &User<'_>, begin: &[u8], again: &[u8]) -> (u16, String) {
    let stream = TcpStream::connect(app.address).await.expect("connects");
    let (mut answers, mut body) = stream.into_split();
    let mut head = upload_head(user, "Transfer-Encoding: chunked");
    head.extend(chunk(begin));
    let again = chunk(&again.repeat(10_000 / again.len() + 1));
    let sending = tokio::spawn(async move {
        let mut sent = 0_usize;
        body.write_all(&head).await?;
        // A limit that does not hold shows by this loop's end.
        while sent < 100 << 20 {
            body.write_all(&again).await?;
            sent += again.len();
        }
        std::io::Result::Ok(())
    });
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&text).contains("}") {
        let read = timeout(Duration::from_secs(30), answers.read(&mut buffer)).await.expect("an answer");
        match read {
            Ok(0) => break,
            Ok(len) => text.extend(&buffer[..len]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}"),
        }
    }
    sending.abort();
    let text = String::from_utf8(text).expect("UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
    (head[9..12].parse().expect("a status"), body.to_owned())
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

#[tokio::test]
async fn endless_bytes_are_refused_wherever_they_stand() {
    let app = TestApp::start_with(|settings| settings.limits.bytes = LIMIT).await;
    let ada = app.user("ada").await;
    let file = Form::new().file("original", "a.png", &png()).body();
    let text = b"--frontier\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n";
    let huge = b"--frontier\r\nContent-Disposition: form-data; name=\"original\"; filename=\"a.png\"\r\n\r\n";
    for (begin, again) in [
        (&b"preamble"[..], &b"x"[..]),
        (b"preamble", b"\r\n--front\r\n"),
        (&file, b"epilogue"),
        (&file, b"\r\n--frontier\r\n\r\n"),
        (text, b"x"),
        (text, b"\r\n"),
        (huge, b"x"),
        (huge, b"\r\n--"),
    ] {
        let (status, body) = endless(&app, &ada, begin, again).await;
        assert_eq!((status, &*body), (413, MORE), "{}", String::from_utf8_lossy(again));
    }
    assert_left_nothing(&app, &ada).await;
}

#[tokio::test]
async fn endless_parts_headers_and_blanks_are_refused() {
    let app = TestApp::start_with(|settings| settings.limits.bytes = LIMIT).await;
    let ada = app.user("ada").await;
    for (begin, again, reason) in [
        (&b"--frontier\r\n\r\n"[..], &b"\r\n--frontier\r\n\r\n"[..], "The limit max_parts is 1000 parts"),
        (b"--frontier\r\n", b"X: y\r\n", "The limit max_part_head is 8192 bytes"),
        (b"--frontier\r\n", b"x", "The limit max_part_head is 8192 bytes"),
        (b"--frontier", b" \t", "The limit max_padding is 1024 blanks"),
    ] {
        let (status, body) = endless(&app, &ada, begin, again).await;
        assert!(status == 400 && body.contains(reason) && body.contains("and the body has more."), "{body}");
    }
    assert_left_nothing(&app, &ada).await;
}

#[tokio::test]
async fn a_thousand_parts_are_read() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let form =
        (1..1000).fold(Form::new(), |form, _| form.text("title", "x")).file("original", "a.png", &png());
    assert_eq!(ada.submit(form).await.status, 201);
}

#[tokio::test]
async fn an_announced_length_over_the_limit_is_refused_before_a_byte_is_sent() {
    let app = TestApp::start_with(|settings| settings.limits.bytes = LIMIT).await;
    let ada = app.user("ada").await;
    let answer = early_answer(&app, &upload_head(&ada, "Content-Length: 9000000000")).await;
    answer.assert_is(
        413,
        r#"{"original":["The limit max_bytes is 100000 bytes, and the upload announces 9000000000."]}"#,
    );
    assert_left_nothing(&app, &ada).await;
}
