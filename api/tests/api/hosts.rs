//! Tests of the host by which a client reaches the service, and of the proxies in between.

use resizinator_shared::settings::Settings;

use crate::helpers::{Answer, TestApp, raw_answer};

fn behind_a_proxy(settings: &mut Settings) {
    settings.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
}

/// Asks for an unknown path, with a head that a test writes itself.
async fn asked(app: &TestApp, target: &str, headers: &str) -> Answer {
    raw_answer(app, format!("GET {target} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n\r\n")).await
}

#[tokio::test]
async fn a_host_with_credentials_a_path_or_a_query_is_refused() {
    let app = TestApp::start().await;
    for host in ["me@a.example", "me:secret@a.example", "a.example/path", "a.example?query", "a.example:http"]
    {
        let answer = asked(&app, "/image/", &format!("Host: {host}")).await;
        let sentence = format!("Invalid Host header: {host:?} is not a host with an optional port.");
        answer.assert_is(400, &serde_json::json!({ "detail": sentence }).to_string());
    }
}

#[tokio::test]
async fn only_the_host_that_counts_is_compared_with_the_allowed_ones() {
    let app = TestApp::start_with(|settings| {
        behind_a_proxy(settings);
        settings.allowed_hosts = vec!["photos.example".into()];
    })
    .await;
    for (target, headers, status) in [
        ("/image/", "Host: inner\r\nX-Forwarded-Host: photos.example", 401),
        ("/image/", "Host: photos.example\r\nX-Forwarded-Host: evil.example", 400),
        ("/image/", "Host: photos.example\r\nForwarded: for=1.1.1.1;host=evil.example", 400),
        ("/image/", "Host: inner\r\nForwarded: for=1.1.1.1;host=\"photos.example:8443\"", 401),
        // The host of the target counts before the header.
        ("http://photos.example/image/", "Host: evil.example", 401),
        ("http://evil.example/image/", "Host: photos.example", 400),
    ] {
        assert_eq!(asked(&app, target, headers).await.status, status, "{target} {headers}");
    }
}

#[tokio::test]
async fn a_forwarded_scheme_is_http_or_https() {
    let app = TestApp::start_with(behind_a_proxy).await;
    for (scheme, status) in [("http", 401), ("HTTPS", 401), ("javascript", 400), ("ftp", 400)] {
        let answer = asked(&app, "/image/", &format!("Host: a\r\nX-Forwarded-Proto: {scheme}")).await;
        assert_eq!(answer.status, status, "{scheme}");
    }
    let answer = asked(&app, "/image/", "Host: a\r\nX-Forwarded-Proto: ftp").await;
    let sentence = r#"The proxy forwards a request whose scheme is "ftp"; http or https is expected."#;
    answer.assert_is(400, &serde_json::json!({ "detail": sentence }).to_string());
}
