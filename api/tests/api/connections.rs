//! Tests of the limits on connections. Each test makes the limit that it is about small.

use std::time::Duration;

use resizinator_shared::settings::Settings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::helpers::{Form, Line, TestApp, bmp, png, until};

const SHORT: Duration = Duration::from_secs(1);
/// The other limits of a test, which it never reaches.
const LONG: Duration = Duration::from_secs(600);
const HEALTHZ: &str = "GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n";

async fn app(change: impl FnOnce(&mut Settings)) -> TestApp {
    TestApp::start_with(|settings| {
        let connections = &mut settings.connections;
        (connections.head, connections.stall, connections.idle) = (LONG, LONG, LONG);
        change(settings);
    })
    .await
}

/// The head of an upload.
fn upload(token: &str, body: &str) -> String {
    format!(
        "POST /image/ HTTP/1.1\r\nHost: here\r\nAuthorization: Token {token}\r\nContent-Type: {}\r\n{body}\r\n\r\n",
        Form::TYPE
    )
}

#[tokio::test]
async fn a_first_head_that_does_not_end_is_refused_in_words() {
    let app = app(|settings| settings.connections.head = SHORT).await;
    let mut line = Line::to(&app).await;
    line.send("GET /healthz HTTP/1.1\r\nHost: he").await;
    let [answer] = &line.last_answers().await[..] else { panic!("one answer") };
    let sentence = "The limit head_timeout is 1 s, and the head of the request took longer.";
    answer.assert_is(408, &format!(r#"{{"detail":"{sentence}"}}"#));
}

#[tokio::test]
async fn a_head_that_grows_by_a_byte_now_and_then_is_refused_too() {
    let app = app(|settings| settings.connections.head = SHORT).await;
    let mut line = Line::to(&app).await;
    line.send("GET /healthz HTTP/1.1\r\nX-Long: ").await;
    line.send_until_closed(b"x", Duration::from_millis(50), 200).await;
}

#[tokio::test]
async fn a_second_head_that_does_not_end_is_refused_as_the_first_one_is() {
    let app = app(|settings| settings.connections.head = SHORT).await;
    let mut line = Line::to(&app).await;
    line.send(HEALTHZ).await;
    assert_eq!(line.answer().await.status, 200);
    line.send("GET /hea").await;
    let statuses: Vec<_> = line.last_answers().await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [408]);
}

#[tokio::test]
async fn a_part_of_a_second_head_that_comes_with_the_first_request_is_not_waited_for_longer_than_an_idle_client()
 {
    let app = app(|settings| settings.connections.idle = SHORT).await;
    let mut line = Line::to(&app).await;
    line.send(format!("{HEALTHZ}GET /hea")).await;
    let statuses: Vec<_> = line.last_answers().await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200]);
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed() {
    let app = app(|settings| settings.connections.idle = SHORT).await;
    let (mut never, mut after_one) = (Line::to(&app).await, Line::to(&app).await);
    after_one.send(HEALTHZ).await;
    assert_eq!(after_one.answer().await.status, 200);
    assert!(never.rest().await.is_empty() && after_one.rest().await.is_empty());
}

#[tokio::test]
async fn a_connection_whose_request_took_long_is_closed_after_it_as_any_other() {
    let app = app(|settings| {
        settings.connections.head = SHORT;
        settings.connections.idle = SHORT;
    })
    .await;
    let mut line = Line::to(&app).await;
    line.send("POST /user/login/ HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{").await;
    // Longer than the limits of the other steps, which do not count meanwhile.
    tokio::time::sleep(3 * SHORT).await;
    line.send("}").await;
    assert_eq!(line.answer().await.status, 401);
    assert!(line.rest().await.is_empty());
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused_in_words() {
    let app = app(|_| {}).await;
    for field in ["X-Long: x\r\n", &format!("X-Long: {}\r\n", "x".repeat(1000))] {
        let mut line = Line::to(&app).await;
        line.send(format!("GET /healthz HTTP/1.1\r\nHost: here\r\n{}", field.repeat(100))).await;
        let [answer] = &line.last_answers().await[..] else { panic!("one answer") };
        let sentence = "The head of the request has more than 49152 bytes or more than 96 fields.";
        answer.assert_is(431, &format!(r#"{{"detail":"{sentence}"}}"#));
    }
}

#[tokio::test]
async fn any_number_of_requests_may_come_at_once_and_gets_its_answers_in_order() {
    const TIMES: usize = 3000;
    let app = app(|_| {}).await;
    let line = Line::to(&app).await;
    let (mut reading, mut writing) = line.stream.into_split();
    let requests = format!("{HEALTHZ}GET /nowhere/ HTTP/1.1\r\nHost: here\r\n\r\n").repeat(TIMES);
    let send = tokio::spawn(async move { writing.write_all(requests.as_bytes()).await.map(|()| writing) });
    let (mut statuses, mut bytes) = (Vec::new(), Vec::new());
    while statuses.len() < 2 * TIMES {
        assert!(reading.read_buf(&mut bytes).await.expect("reads") > 0, "{} answers", statuses.len());
        let mut lines = std::str::from_utf8(&bytes).expect("ASCII").match_indices("HTTP/1.1 ");
        statuses =
            lines.by_ref().filter_map(|(at, _)| bytes.get(at + 9..at + 12)).map(<[u8]>::to_vec).collect();
    }
    assert!(statuses.chunks(2).all(|two| two == [b"200".to_vec(), b"404".to_vec()]));
    send.await.expect("no panic").expect("sends");
}

#[tokio::test]
async fn a_body_that_stops_is_refused_in_words_and_leaves_nothing() {
    let app = app(|settings| settings.connections.stall = SHORT).await;
    let ada = app.user("ada").await;
    let part = "--frontier\r\nContent-Disposition: form-data; name=\"original\"; filename=\"a.png\"\r\n\r\n";
    let image = upload(&ada.token, "Content-Length: 1000000") + part;
    let chunked =
        upload(&ada.token, "Transfer-Encoding: chunked") + &format!("{:x}\r\n{part}", part.len() + 9);
    let login = "POST /user/login/ HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    let sentence = "The body of the request came too slowly: at least 1024 bytes a second are expected, on average \
                    over 1 s.";
    for request in [image, chunked, login.to_owned()] {
        let mut line = Line::to(&app).await;
        line.send(&request).await;
        let [answer] = &line.last_answers().await[..] else { panic!("one answer to {request}") };
        answer.assert_is(408, &format!(r#"{{"detail":"{sentence}"}}"#));
        assert_eq!(answer.header("connection"), "close");
    }
    assert_eq!(ada.get("/image/").await.json()["count"], 0);
    assert!(app.objects().is_empty());
    let temporary = app.folder.path().join("tmp");
    assert_eq!(std::fs::read_dir(temporary).expect("the folder").count(), 0);
}

#[tokio::test]
async fn a_body_that_comes_by_a_byte_now_and_then_is_refused_too() {
    let app = app(|settings| settings.connections.stall = SHORT).await;
    let ada = app.user("ada").await;
    let mut line = Line::to(&app).await;
    line.send(upload(&ada.token, "Content-Length: 1000000")).await;
    line.send_until_closed(b"-", Duration::from_millis(50), 400).await;
}

#[tokio::test]
async fn a_body_that_begins_fast_and_then_only_drips_is_refused_too() {
    let app = app(|settings| settings.connections.stall = SHORT).await;
    let ada = app.user("ada").await;
    let mut line = Line::to(&app).await;
    line.send(upload(&ada.token, "Content-Length: 1000000") + &"-".repeat(2048)).await;
    line.send_until_closed(b"-", Duration::from_millis(500), 40).await;
}

#[tokio::test]
async fn a_slow_upload_with_pauses_shorter_than_the_limit_is_accepted() {
    let app = app(|settings| {
        settings.connections.stall = 4 * SHORT;
        settings.connections.rate = 10;
    })
    .await;
    let ada = app.user("ada").await;
    let body = Form::new().file("original", "a.png", &png()).body();
    let mut line = Line::to(&app).await;
    line.send(upload(&ada.token, &format!("Content-Length: {}", body.len()))).await;
    // It takes longer than the limit for one pause.
    for piece in body.chunks(body.len().div_ceil(6)) {
        tokio::time::sleep(SHORT).await;
        line.send(piece).await;
    }
    assert_eq!(line.answer().await.status, 201);
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_cut_off() {
    let app = app(|settings| {
        settings.connections.stall = SHORT;
        settings.connections.per_address = 1;
    })
    .await;
    let ada = app.user("ada").await;
    // The system takes some megabytes of an answer that nobody reads.
    let large = bmp(4000, 2500);
    let record = ada.upload("large.bmp", &large).await.json();
    let path =
        record["original"].as_str().expect("a URL").split_once(&app.address.to_string()).expect("ours").1;
    let mut line = Line::from([127, 1, 0, 1], &app).await;
    line.send(format!("GET {path} HTTP/1.1\r\nHost: here\r\n\r\n")).await;
    // Nothing is sent meanwhile: whatever arrives from a client shows the system that it is still there.
    until("the address has room again", async || {
        let mut another = Line::from([127, 1, 0, 1], &app).await;
        another.send(HEALTHZ).await;
        another.answer().await.status == 200
    })
    .await;
    assert!(line.rest().await.len() < large.len());
}

#[tokio::test]
async fn an_address_has_only_so_many_connections_and_its_neighbours_do_not_notice() {
    let app = app(|settings| settings.connections.per_address = 3).await;
    let mut lines = Vec::new();
    for _ in 0..3 {
        lines.push(Line::from([127, 1, 0, 1], &app).await);
        let line = lines.last_mut().expect("just pushed");
        line.send(HEALTHZ).await;
        assert_eq!(line.answer().await.status, 200);
    }
    let refused = Line::from([127, 1, 0, 1], &app).await.last_answers().await;
    let sentence =
        "The limit max_connections_per_address is 3, and your address has that many connections open.";
    refused[0].assert_is(503, &format!(r#"{{"detail":"{sentence}"}}"#));
    assert_eq!((refused.len(), refused[0].header("retry-after")), (1, "5"));
    let mut neighbour = Line::from([127, 1, 0, 2], &app).await;
    neighbour.send(HEALTHZ).await;
    assert_eq!(neighbour.answer().await.status, 200);

    lines.clear();
    until("there is room again", async || {
        let mut line = Line::from([127, 1, 0, 1], &app).await;
        line.send(HEALTHZ).await;
        line.answer().await.status == 200
    })
    .await;
}

#[tokio::test]
async fn a_trusted_proxy_has_as_many_connections_as_the_api_has() {
    let app = app(|settings| {
        settings.connections.per_address = 1;
        settings.connections.total = 4;
        settings.trusted_proxies = vec!["127.2.0.0/16".parse().expect("a network")];
    })
    .await;
    let (mut lines, mut statuses) = (Vec::new(), Vec::new());
    while statuses.last() != Some(&503) {
        let mut line = Line::from([127, 2, 0, 1], &app).await;
        line.send(HEALTHZ).await;
        let answer = line.answer().await;
        if answer.status == 503 {
            let sentence = "The limit max_connections is 4, and that many connections are open.";
            answer.assert_is(503, &format!(r#"{{"detail":"{sentence}"}}"#));
        }
        statuses.push(answer.status);
        lines.push(line);
    }
    // The client that waited until the api was ready may still have its connection.
    assert!((4..=5).contains(&statuses.len()), "{statuses:?}");
}

#[tokio::test]
async fn after_an_early_answer_no_endless_body_is_read() {
    let app = app(|_| {}).await;
    let mut line = Line::to(&app).await;
    line.send(upload("wrong", "Transfer-Encoding: chunked")).await;
    let chunk = [b"100000\r\n".to_vec(), vec![b'x'; 0x10_0000], b"\r\n".to_vec()].concat();
    // The limit is 64 MiB, and the buffers of both systems take some more.
    let sent = line.send_until_closed(&chunk, Duration::ZERO, 100).await;
    assert!(sent >= 64, "{sent} MiB");
}

#[tokio::test]
async fn every_ambiguous_request_gets_one_answer_and_the_last() {
    let app = app(|settings| settings.connections.stall = SHORT).await;
    let ada = app.user("ada").await;
    let smuggled = HEALTHZ.repeat(2);
    let framed = |headers: &str, body: &str| upload(&ada.token, headers) + body + &smuggled;
    let cases = [
        (framed("Content-Length: 5\r\nContent-Length: 6", "hello"), 400),
        (framed("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 400),
        (framed("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n"), 400),
        (framed("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"), 400),
        (framed("Content-Length: +5", "hello"), 400),
        // A bare LF after the last chunk, and a chunked request before others.
        (framed("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\n"), 400),
        (framed("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"), 400),
    ];
    for (request, status) in cases {
        let mut line = Line::to(&app).await;
        line.send(&request).await;
        let statuses: Vec<_> = line.last_answers().await.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [status], "{request}");
    }
}

#[tokio::test]
async fn a_client_that_asks_first_gets_a_refusal_without_being_asked_for_its_body() {
    let app = app(|_| {}).await;
    let ada = app.user("ada").await;
    let length = "Content-Length: 1000\r\nExpect: 100-continue";
    let cases = [
        (upload("wrong", length), 401),
        (upload(&ada.token, length).replace("multipart/form-data", "text/plain"), 415),
        (upload(&ada.token, length).replace("/image/", "/nowhere/"), 404),
        (upload(&ada.token, length).replace("POST", "PUT"), 405),
    ];
    for (request, status) in cases {
        let mut line = Line::to(&app).await;
        line.send(&request).await;
        assert_eq!(line.answer().await.status, status, "{request}");
    }
    let mut line = Line::to(&app).await;
    line.send(upload(&ada.token, &format!("Content-Length: {}\r\nExpect: 100-continue", 60 << 20))).await;
    assert_eq!(line.answer().await.status, 413);
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_connections_without_a_request() {
    let mut app = app(|_| {}).await;
    let mut idle = Line::to(&app).await;
    idle.send(HEALTHZ).await;
    assert_eq!(idle.answer().await.status, 200);
    app.stop();
    assert!(idle.rest().await.is_empty());
}
