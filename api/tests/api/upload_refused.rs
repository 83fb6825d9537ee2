//! Tests of `POST image/` with a body that contains no file or that cannot be read.

use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::helpers::{Form, JSON, TestApp, URLENCODED, User, png, raw_answer, upload_head};

const NO_FILE: &str = "No file was submitted.";
const NO_TEXT: &str = "The submitted data was not a file. Check the encoding type on the form.";

#[tokio::test]
async fn without_a_file_the_answer_says_so() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.send(Method::POST, "/image/").await.assert_is(422, r#"{"original":["No file was submitted."]}"#);
    ada.submit(Form::new()).await.assert_refused(NO_FILE);
    ada.submit(Form::new().file("image", "a.png", &png())).await.assert_refused(NO_FILE);
    ada.submit(Form::new().file("Original", "a.png", &png())).await.assert_refused(NO_FILE);
    ada.submit(Form::new().text("title", "text")).await.assert_refused(NO_FILE);
    for body in ["{}", "[]", r#""original""#, "null", r#"{"Original":"x"}"#, ""] {
        ada.post(JSON, body).await.assert_refused(NO_FILE);
    }
    ada.post("application/json; charset=utf-8", "{}").await.assert_refused(NO_FILE);
    ada.post(URLENCODED, "title=x").await.assert_refused(NO_FILE);
    // A request with a content type and an empty body has no body.
    ada.post("image/png", "").await.assert_refused(NO_FILE);
    ada.post(Form::TYPE, "").await.assert_refused(NO_FILE);
}

#[tokio::test]
async fn a_text_instead_of_a_file_is_refused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.submit(Form::new().text("original", "text")).await.assert_refused(NO_TEXT);
    ada.submit(Form::new().text("original", "")).await.assert_refused(NO_TEXT);
    let nameless = Form::new().part("form-data; name=\"original\"", "image/png", &png());
    ada.submit(nameless).await.assert_refused(NO_TEXT);
    ada.submit(Form::new().file("original", "", &png())).await.assert_refused(NO_TEXT);
    for body in [r#"{"original":"x"}"#, r#"{"original":7}"#, r#"{"original":{"a":[]}}"#] {
        ada.post(JSON, body).await.assert_refused(NO_TEXT);
    }
    ada.post(URLENCODED, "original=x").await.assert_refused(NO_TEXT);
}

#[tokio::test]
async fn an_empty_file_is_refused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.upload("a.png", b"").await.assert_refused("The submitted file is empty.");
}

#[tokio::test]
async fn a_name_has_at_most_100_characters() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let name = |length: usize| format!("{}.png", "é".repeat(length - 4));
    assert_eq!(ada.upload(&name(100), &png()).await.status, 201);
    ada.upload(&name(101), &png())
        .await
        .assert_refused("Ensure this filename has at most 100 characters (it has 101).");
    // The folders in a name do not count.
    assert_eq!(ada.upload(&format!("{}/a.png", "x".repeat(200)), &png()).await.status, 201);
}

#[tokio::test]
async fn an_extension_of_no_accepted_format_is_refused_and_none_is_fine() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.upload("a.svg", &png()).await.assert_refused(
        "File extension “svg” is not allowed. Allowed extensions are: \
         apng, avif, avifs, bmp, dib, gif, jfif, jif, jpe, jpeg, jpg, mpo, pjp, pjpeg, png, tif, tiff, webp.",
    );
    for name in ["photo", "photo.PNG", "photo.jpeg", "photo.tar.webp"] {
        assert_eq!(ada.upload(name, &png()).await.status, 201, "{name}");
    }
}

#[tokio::test]
async fn malformed_json_is_a_parse_error() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for body in [&b"{"[..], b"{\"original\":}", b"\xff", b"{} {}"] {
        let answer = ada.post(JSON, body.to_vec()).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(answer.text().starts_with(r#"{"detail":"JSON parse error - "#), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_multipart_body_that_cannot_be_divided_is_a_parse_error() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = Form::new().file("original", "a.png", &png()).body();
    ada.post("multipart/form-data", body.clone())
        .await
        .assert_is(400, r#"{"detail":"Multipart form parse error - Invalid boundary in multipart: None"}"#);
    for (content_type, body) in [
        (Form::TYPE, &body[..body.len() - 30]),
        (Form::TYPE, &body[..40]),
        (Form::TYPE, b"no boundary anywhere"),
        ("multipart/form-data; boundary=another", &body),
        ("multipart/form-data; boundary=", &body),
    ] {
        let answer = ada.post(content_type, body.to_vec()).await;
        assert_eq!(answer.status, 400, "{content_type} {} {}", body.len(), answer.text());
        let begin = r#"{"detail":"Multipart form parse error - "#;
        assert!(answer.text().starts_with(begin), "{}", answer.text());
    }
    assert!(app.objects().is_empty());
}

#[tokio::test]
async fn an_upload_whose_sender_goes_away_leaves_nothing() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = Form::new().file("original", "a.png", &png()).body();
    let mut request = upload_head(&ada, &format!("Content-Length: {}", body.len()));
    request.extend(&body[..body.len() / 2]);
    let answer = raw_answer(&app, request).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(ada.get("/image/").await.json()["count"], 0);
    assert!(app.objects().is_empty());
}

#[tokio::test]
async fn a_body_of_another_type_or_of_none_is_unsupported() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.post("image/png", png())
        .await
        .assert_is(415, r#"{"detail":"Unsupported media type \"image/png\" in request."}"#);
    ada.post("text/plain; charset=x", "text")
        .await
        .assert_is(415, r#"{"detail":"Unsupported media type \"text/plain; charset=x\" in request."}"#);
    let mut request = upload_head(&ada, "Content-Length: 2");
    let kept = String::from_utf8(request.clone()).expect("ASCII").replace(Form::TYPE, "");
    request = kept.replace("Content-Type: \r\n", "").into_bytes();
    request.extend(b"{}");
    raw_answer(&app, request).await.assert_is(415, r#"{"detail":"Unsupported media type \"\" in request."}"#);
}

#[tokio::test]
async fn more_bytes_than_allowed_are_refused() {
    let limit = png().len() as u64;
    let app = TestApp::start_with(|settings| settings.limits.bytes = limit).await;
    let ada = app.user("ada").await;
    assert_eq!(ada.upload("a.png", &png()).await.status, 201);
    let mut more = png();
    more.push(0);
    let message =
        format!(r#"{{"original":["The limit max_bytes is {limit} bytes, and the upload has more."]}}"#);
    ada.upload("a.png", &more).await.assert_is(413, &message);
    // The parts before the file count too, with a less strict limit.
    let padded = Form::new().text("title", &"x".repeat(2 << 20)).file("original", "a.png", &png()).body();
    let announced = padded.len();
    let message = format!(
        r#"{{"original":["The limit max_bytes is {limit} bytes, and the upload announces {announced}."]}}"#
    );
    ada.post(Form::TYPE, padded).await.assert_is(413, &message);
    assert_eq!(app.objects().len(), 1);
}

#[tokio::test]
async fn more_bytes_than_allowed_are_refused_while_they_still_come() {
    let app = TestApp::start_with(|settings| settings.limits.bytes = 100_000).await;
    let ada = app.user("ada").await;
    let mut stream = TcpStream::connect(app.address).await.expect("connects");
    stream.write_all(&upload_head(&ada, "Transfer-Encoding: chunked")).await.expect("sends");
    let opening =
        "--frontier\r\nContent-Disposition: form-data; name=\"original\"; filename=\"a.png\"\r\n\r\n";
    stream.write_all(format!("{:x}\r\n{opening}\r\n", opening.len()).as_bytes()).await.expect("sends");
    // The body never ends, and the api does not wait for its end.
    for _ in 0..11 {
        stream.write_all(format!("2710\r\n{}\r\n", "x".repeat(10_000)).as_bytes()).await.expect("sends");
    }
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_client_that_sends_far_too_much_still_reads_why() {
    let app = TestApp::start_with(|settings| settings.limits.bytes = 100_000).await;
    let ada = app.user("ada").await;
    let body = Form::new().file("original", "a.png", &vec![0; 30 << 20]).body();
    let message = format!("The limit max_bytes is 100000 bytes, and the upload announces {}.", body.len());
    let answer = ada.post(Form::TYPE, body).await;
    answer.assert_is(413, &format!(r#"{{"original":["{message}"]}}"#));
    // A request with a wrong token does so too.
    let stranger = User::new(&app, "f".repeat(40));
    let answer = stranger.upload("a.png", &vec![0; 30 << 20]).await;
    answer.assert_is(401, r#"{"detail":"Invalid token."}"#);
}

#[tokio::test]
async fn a_client_that_waits_to_be_asked_for_its_body_is_asked() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = Form::new().file("original", "a.png", &png()).body();
    let mut stream = TcpStream::connect(app.address).await.expect("connects");
    let length = format!("Content-Length: {}\r\nExpect: 100-continue", body.len());
    stream.write_all(&upload_head(&ada, &length)).await.expect("sends");
    let mut asked = vec![0; 25];
    stream.read_exact(&mut asked).await.expect("is asked");
    assert_eq!(asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&body).await.expect("sends");
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(answer, b"HTTP/1.1 201");
}
