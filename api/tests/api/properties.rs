//! Properties that hold for whatever a client sends: there is no 5xx, and the answer to a body does not depend on the
//! chunks in which it arrives.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

use crate::helpers::{Form, TestApp, User, png, raw_status, upload_head};

/// Checks a property of an api for some values.
fn holds<S: Strategy>(cases: u32, values: &S, property: impl AsyncFn(&User<'_>, S::Value)) {
    let runtime = Runtime::new().expect("a runtime");
    let app = runtime.block_on(TestApp::start());
    let ada = runtime.block_on(app.user("ada"));
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    TestRunner::new(config)
        .run(values, |value| {
            runtime.block_on(property(&ada, value));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// A part of a body: what is likely to confuse a parser, or any bytes.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&str] = &[
        "--frontier",
        "--frontier--",
        "--front",
        "\r\n",
        "\r",
        "\n",
        "\r\n\r\n",
        " ",
        "\t",
        "--",
        ":",
        ";",
        "\"",
        "Content-Disposition: form-data; name=\"original\"; filename=\"a.png\"",
        "Content-Disposition: form-data; name=original; filename*=UTF-8''%",
        "Content-Transfer-Encoding: base64",
        "Content-Length: 3",
        "QUJD",
        "=",
    ];
    prop_oneof![
        9 => select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()).boxed(),
        1 => vec(any::<u8>(), 0..40).boxed(),
        1 => Just(png()).boxed(),
    ]
}

/// A body that is made of pieces, or a right one some bytes of which are replaced by a piece.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let right = Form::new().text("title", "x").file("original", "a.png", &png()).body();
    let mutated = (any::<Index>(), 0..12_usize, piece()).prop_map(move |(at, len, piece)| {
        let mut body = right.clone();
        let start = at.index(body.len());
        let end = (start + len).min(body.len());
        drop(body.splice(start..end, piece));
        body
    });
    prop_oneof![vec(piece(), 1..25).prop_map(|pieces| pieces.concat()), mutated]
}

/// A request whose body comes in chunks of these lengths, again and again.
fn chunked(user: &User<'_>, body: &[u8], lengths: &[usize]) -> Vec<u8> {
    let mut request = upload_head(user, "Transfer-Encoding: chunked");
    let (mut rest, mut lengths) = (body, lengths.iter().cycle());
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(rest.len().min(*lengths.next().expect("has a length")));
        request.extend(format!("{:x}\r\n", chunk.len()).bytes());
        request.extend(chunk);
        request.extend(b"\r\n");
        rest = after;
    }
    request.extend(b"0\r\n\r\n");
    request
}

#[test]
fn any_body_gets_the_same_answer_in_whatever_chunks_it_comes() {
    holds(200, &(body(), vec(1..50_usize, 1..5)), async |ada, (body, lengths)| {
        let whole = raw_status(ada.app, &chunked(ada, &body, &[body.len()])).await;
        let divided = raw_status(ada.app, &chunked(ada, &body, &lengths)).await;
        assert!(matches!(whole, 201 | 400 | 422), "{whole} for {}", body.escape_ascii());
        assert_eq!(whole, divided, "{}", body.escape_ascii());
    });
}

#[test]
fn any_query_is_answered() {
    let key = select(&["limit", "offset", "ordering", "cursor", "", "%", "a[]"][..]);
    let pair = (key, "[!-~&&[^#]]{0,30}").prop_map(|(key, value)| format!("{key}={value}"));
    let query = prop_oneof![vec(pair, 0..6).prop_map(|pairs| pairs.join("&")), "[!-~&&[^#]]{0,80}"];
    holds(200, &query, async |ada, query| {
        let token = &ada.token;
        let request = format!(
            "GET /image/?{query} HTTP/1.1\r\nHost: here\r\nConnection: close\r\nAuthorization: Token {token}\r\n\r\n"
        );
        let status = raw_status(ada.app, request.as_bytes()).await;
        assert!(status == 200 || (400..500).contains(&status), "{status} for {query}");
    });
}

#[test]
fn any_header_is_answered() {
    let name =
        select(&["Authorization", "Accept", "Content-Type", "Host", "Forwarded", "X-Forwarded-Host"][..]);
    let likely = select(
        &["Token ", "Bearer ", "multipart/form-data; boundary=", "*/*;q=", "host=", ":", "\"", "="][..],
    );
    let value = prop_oneof![
        vec(prop_oneof![likely.prop_map(str::to_owned), "[ -~]{0,10}"], 0..5)
            .prop_map(|pieces| pieces.concat().into_bytes()),
        vec(prop_oneof![b' '..=b'~', 0x80..=0xFF_u8, Just(b'\t')], 0..60),
    ];
    let headers = vec((name, value), 1..4);
    holds(200, &(any::<bool>(), headers), async |ada, (is_post, headers)| {
        let (method, token) = (if is_post { "POST" } else { "GET" }, &ada.token);
        let mut request = format!(
            "{method} /image/ HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\nAuthorization: Token {token}\r\n"
        )
        .into_bytes();
        for (name, value) in &headers {
            request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        request.extend(b"\r\nxx");
        let status = raw_status(ada.app, &request).await;
        assert!(status == 200 || (400..500).contains(&status), "{status}: {}", request.escape_ascii());
    });
}
