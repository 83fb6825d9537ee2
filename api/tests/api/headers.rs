//! Tests of the headers that every answer has, and of allowed hosts. (`helpers::answer` checks the headers in every
//! test.)

use reqwest::Method;

use crate::helpers::{Answer, TestApp, raw_answer};

#[tokio::test]
async fn a_sane_request_id_is_taken_over() {
    let app = TestApp::start().await;
    for id in ["abc-123_X.y", &"a".repeat(64)] {
        assert_eq!(identified(&app, id).await, id);
    }
}

#[tokio::test]
async fn any_other_request_id_is_replaced() {
    let app = TestApp::start().await;
    let mut seen = Vec::new();
    for id in ["", "with space", "<script>", "a;b", &"a".repeat(65), "%0d%0aSet-Cookie:x"] {
        let given = identified(&app, id).await;
        assert!(given != id && !seen.contains(&given), "{id} {given}");
        seen.push(given);
    }
    assert_ne!(
        app.get("/healthz").await.header("x-request-id"),
        app.get("/healthz").await.header("x-request-id")
    );
}

#[tokio::test]
async fn errors_are_not_kept_by_anybody() {
    let app = TestApp::start().await;
    for path in ["/image/", "/nothing/", "/user/login/"] {
        assert_eq!(app.get(path).await.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn any_host_is_served_until_some_are_named() {
    let app = TestApp::start().await;
    for host in ["a.example", "localhost:8000", "[::1]:80", "evil.example"] {
        assert_eq!(asked_of(&app, host, "/image/").await.status, 401, "{host}");
    }
}

#[tokio::test]
async fn only_hosts_that_are_named_are_served() {
    let app = TestApp::start_with(|settings| {
        settings.allowed_hosts = vec!["photos.example".into(), "[::1]".into(), "other.example:81".into()];
    })
    .await;
    for host in
        ["photos.example", "Photos.Example", "photos.example:8000", "[::1]", "[::1]:8000", "other.example:81"]
    {
        assert_eq!(asked_of(&app, host, "/image/").await.status, 401, "{host}");
    }
    for host in [
        "evil.example",
        "photos.example.evil.example",
        "evil.photos.example",
        "other.example",
        "photos.example@evil",
        "[::2]",
        "",
    ] {
        for path in ["/image/", "/nothing/", "/image"] {
            let answer = asked_of(&app, host, path).await;
            assert_eq!(answer.status, 400, "{host} {path}");
            assert!(answer.text().starts_with(r#"{"detail":"Invalid H"#), "{}", answer.text());
        }
    }
    // Health probes use the address of the machine.
    assert_eq!(asked_of(&app, "10.0.0.1", "/healthz").await.status, 200);
    assert_eq!(asked_of(&app, "10.0.0.1:8000", "/readyz").await.status, 200);
}

#[tokio::test]
async fn a_request_of_old_without_a_host_is_answered() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let request = format!("GET /image/ HTTP/1.0\r\nAuthorization: Token {}\r\n\r\n", ada.token);
    raw_answer(&app, request).await.assert_is(200, r#"{"count":0,"next":null,"previous":null,"results":[]}"#);
}

#[tokio::test]
async fn odd_bytes_in_a_host_are_no_servers_fault() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for host in [&b"\xff\xfe"[..], b"a b", b"a/b?c", b"<script>", b"@", b":::", b"[", b"a\tb"] {
        let head =
            [b"GET /image/ HTTP/1.1\r\nConnection: close\r\nAuthorization: Token ", ada.token.as_bytes()]
                .concat();
        let request = [&head, &b"\r\nHost: "[..], host, b"\r\n\r\n"].concat();
        let answer = raw_answer(&app, request).await;
        assert!(matches!(answer.status, 200 | 400), "{} {}", answer.status, answer.text());
    }
}

#[tokio::test]
async fn odd_bytes_in_a_query_are_no_servers_fault() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for query in ["%", "%zz", "%ff=%fe", "a=%00", "limit[]=1", "&&&", "=", "offset=%F0%9F%A6%80", "a='{}|"] {
        let token = &ada.token;
        let request = format!(
            "GET /image/?{query} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Token {token}\r\n\r\n"
        );
        let answer = raw_answer(&app, request).await;
        assert!(matches!(answer.status, 200 | 400), "{query} {} {}", answer.status, answer.text());
    }
}

async fn identified(app: &TestApp, id: &str) -> String {
    let request = app.request(Method::GET, "/healthz").header("X-Request-Id", id);
    Answer::of(request.send().await.expect("an answer")).await.header("x-request-id").to_owned()
}

async fn asked_of(app: &TestApp, host: &str, path: &str) -> Answer {
    raw_answer(app, format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await
}
