//! Tests of `POST image/` with multipart bodies that are legal but seldom, and of the bounds of those that are not.

use resizinator_shared::testing::id;

use crate::helpers::{Form, TestApp, User, png};

const HEAD: &str = "Content-Disposition: form-data; name=\"original\"; filename=\"a.png\"\r\n\r\n";

/// Puts a file in the place of `FILE` in a body.
fn body(text: &str) -> Vec<u8> {
    let (before, after) = text.split_once("FILE").expect("has a place for the file");
    [before.as_bytes(), &png(), after.as_bytes()].concat()
}

async fn assert_takes(ada: &User<'_>, content_type: &str, body: Vec<u8>) {
    let shown = String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned();
    let chunks: Vec<_> = body.chunks(7).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect();
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    for answer in [ada.post(content_type, body).await, ada.post(content_type, stream).await] {
        assert_eq!(answer.status, 201, "{shown:?}: {}", answer.text());
        let record = answer.json();
        let served = ada.app.get(record["original"].as_str().expect("a URL")).await;
        assert!(served.body == png(), "{shown:?}");
    }
}

#[tokio::test]
async fn blanks_after_a_boundary_change_nothing() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let most = " ".repeat(1024);
    for blanks in [" ", "\t", " \t \t", &most] {
        let text = format!("--frontier{blanks}\r\n{HEAD}FILE\r\n--frontier--{blanks}\r\n");
        assert_takes(&ada, Form::TYPE, body(&text)).await;
    }
    let more = body(&format!("--frontier{most} \r\n{HEAD}FILE\r\n--frontier--\r\n"));
    ada.post(Form::TYPE, more).await.assert_is(
        400,
        r#"{"detail":"Multipart form parse error - The limit max_padding is 1024 blanks after a boundary, and the body has more."}"#,
    );
}

#[tokio::test]
async fn what_stands_around_the_parts_is_ignored() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (before, after) in [
        ("\r\n", ""),
        ("This is a message of several parts.\r\n", "\r\n"),
        ("--frontie\r\n\r\nno boundary\r\n", "\r\nThe end.\r\n--frontier\r\n"),
        ("", " is the end"),
    ] {
        assert_takes(
            &ada,
            Form::TYPE,
            body(&format!("{before}--frontier\r\n{HEAD}FILE\r\n--frontier--{after}")),
        )
        .await;
    }
}

#[tokio::test]
async fn parts_may_have_no_header_no_name_or_no_content() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for other in [
        "--frontier\r\n\r\nno header",
        "--frontier\r\n\r\n",
        "--frontier\r\n",
        "--frontier\r\nContent-Type: text/plain\r\n\r\nno name",
        "--frontier\r\nContent-Disposition: form-data; name=\"x\"\r\n",
        "--frontier\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n",
    ] {
        assert_takes(&ada, Form::TYPE, body(&format!("{other}\r\n--frontier\r\n{HEAD}FILE\r\n--frontier--")))
            .await;
        assert_takes(&ada, Form::TYPE, body(&format!("--frontier\r\n{HEAD}FILE\r\n{other}\r\n--frontier--")))
            .await;
    }
}

#[tokio::test]
async fn the_header_of_a_part_may_be_folded_and_have_fields_that_do_not_count() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for head in [
        "Content-Disposition: form-data;\r\n name=\"original\";\r\n\tfilename=\"a.png\"\r\n\r\n",
        "CONTENT-DISPOSITION: form-data; NAME=original; FileName=a.png\r\n\r\n",
        "Content-Disposition: attachment; name=\"original\"; filename=\"a.png\"\r\n\r\n",
        "Content-Length: 1\r\nno colon\r\nContent-Disposition: form-data; name=original; filename=a.png\r\n\r\n",
        "Content-Type: multipart/mixed; boundary=x\r\nContent-Length: x\r\nContent-Disposition: form-data; name=original; filename=a.png\r\n\r\n",
    ] {
        assert_takes(&ada, Form::TYPE, body(&format!("--frontier\r\n{head}FILE\r\n--frontier--\r\n"))).await;
    }
}

#[tokio::test]
async fn a_boundary_needs_no_quotes_whatever_its_characters_are() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let longest = "b".repeat(200);
    for (parameter, boundary) in [
        ("boundary=a=b/c", "a=b/c"),
        ("boundary=\"a b:(c)?\"", "a b:(c)?"),
        ("charset=utf-8; BOUNDARY='()+_,-./:=?'", "'()+_,-./:=?'"),
        (&*format!("boundary={longest}"), &*longest),
    ] {
        let content_type = format!("multipart/form-data; {parameter}");
        assert_takes(&ada, &content_type, body(&format!("--{boundary}\r\n{HEAD}FILE\r\n--{boundary}--\r\n")))
            .await;
    }
    let too_long = "b".repeat(202);
    let answer = ada.post(&format!("multipart/form-data; boundary={too_long}"), "x").await;
    assert_eq!(answer.status, 400, "{}", answer.text());
}

#[tokio::test]
async fn a_file_in_base64_is_decoded() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let file = base64(&png());
    let lines: Vec<_> = file.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line)).collect();
    let form = |content: &str| {
        format!("--frontier\r\nContent-Transfer-Encoding: BASE64\r\n{HEAD}{content}\r\n--frontier--\r\n")
    };
    for content in [&file, &lines.join("\r\n")] {
        assert_takes(&ada, Form::TYPE, form(content).into_bytes()).await;
    }
    for content in ["QUI=QUI=", "QUI", "Q!I=", "é"] {
        ada.post(Form::TYPE, form(content))
            .await
            .assert_is(400, r#"{"detail":"Multipart form parse error - Could not decode base64 data."}"#);
    }
}

#[tokio::test]
async fn a_line_that_only_begins_like_a_boundary_is_refused_in_words() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (text, reason) in [
        (format!("--frontiers\r\n{HEAD}FILE\r\n--frontiers--\r\n"), "goes on with other bytes than blanks"),
        (format!("--frontier\n{HEAD}FILE\n--frontier--\n"), "goes on with other bytes than blanks"),
        (format!("--frontier\r\n{HEAD}FILE\r\n--frontier"), "ends before its last boundary"),
        (format!("--front\r\n{HEAD}FILE\r\n--front--\r\n"), "no line that begins with the boundary"),
    ] {
        let answer = ada.post(Form::TYPE, body(&text)).await;
        assert!(answer.status == 400 && answer.text().contains(reason), "{}", answer.text());
    }
    assert!(app.objects().is_empty());
}

#[tokio::test]
async fn a_well_formed_extended_name_wins_and_a_malformed_one_gives_way() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (number, (names, kept)) in (1..).zip([
        ("filename=\"plain.png\"; filename*=UTF-8''star%C3%A9.png", "staré.png"),
        ("filename*=UTF-8''star.png; filename=\"plain.png\"", "star.png"),
        ("filename*=ISO-8859-1''st%E9.png; filename=\"plain.png\"", "sté.png"),
        ("filename=\"plain.png\"; filename*=star.png", "plain.png"),
        ("filename=\"plain.png\"; filename*=UTF-8''st%ZZar.png", "plain.png"),
        ("filename=\"plain.png\"; filename*=UTF-8''st%FFar.png", "plain.png"),
        ("filename=\"plain.png\"; filename*=klingon''star.png", "plain.png"),
        ("filename=\"plain.png\"; filename*=UTF-8''", "plain.png"),
        ("filename*=star.png", "star.png"),
        ("filename=\"C:\\photos\\a.png\"", "a.png"),
        ("filename*0*=UTF-8''a%C3%A9; filename*1=\"c.png\"", "aéc.png"),
    ]) {
        let disposition = format!("form-data; name=\"original\"; {names}");
        let answer = ada.submit(Form::new().part(&disposition, "image/png", &png())).await;
        assert_eq!(answer.status, 201, "{names}: {}", answer.text());
        let image =
            app.backends.metadata.image(id(1), id(number)).await.expect("an answer").expect("is there");
        assert_eq!(image.file_name, kept, "{names}");
    }
}

#[tokio::test]
async fn a_name_that_can_be_no_name_of_a_file_submits_none() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for name in ["..", ".", "photos/", "a/..", "C:\\photos\\", " ", "  \t"] {
        ada.upload(name, &png()).await.assert_refused("No file was submitted.");
    }
    let form = Form::new().file("original", "a.png", &png()).file("original", "..", b"");
    assert_eq!(ada.submit(form).await.status, 201);
}

#[tokio::test]
async fn a_name_may_have_a_tail_of_a_url_and_any_usual_extension() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for name in ["a.JPG?size=large", "a.png#top", "a.jpeg:large", "a.gif!thumb", "a.jpg?v=1.5"] {
        assert_eq!(ada.upload(name, &png()).await.status, 201, "{name}");
    }
    for extension in "jfif jpe pjpeg pjp jif mpo dib apng avifs".split(' ') {
        assert_eq!(ada.upload(&format!("a.{extension}"), &png()).await.status, 201, "{extension}");
    }
    let refused = ada.upload("a.svg?size=large", &png()).await;
    assert!(refused.status == 422 && refused.text().contains("“svg”"), "{}", refused.text());
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |three: &[u8]| {
        let bits =
            three.iter().chain([0, 0].iter()).take(3).fold(0, |bits, byte| bits << 8 | u32::from(*byte));
        let digits = (0..4).map(|place| DIGITS[(bits >> (18 - 6 * place) & 63) as usize]);
        let kept = digits.take(three.len() + 1).chain(std::iter::repeat_n(b'=', 3 - three.len()));
        kept.map(char::from).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}
