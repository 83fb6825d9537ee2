//! Tests of the signed URLs of the folder's objects.

use std::time::Duration;

use reqwest::Method;
use url::Url;

use crate::helpers::{Answer, TestApp, png, until};

const FORBIDDEN: &str = r#"{"detail":"The signature does not match this URL."}"#;

#[tokio::test]
async fn a_signed_url_works_without_a_token_and_lets_a_file_do_nothing() {
    let app = TestApp::start().await;
    let url = original(&app).await;
    let answer = app.get(&url).await;
    assert_eq!((answer.status, &answer.body), (200, &png()));
    for (name, value) in [
        ("content-type", "image/png"),
        ("cache-control", "private, max-age=900"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "inline; filename=\"original.png\""),
        ("accept-ranges", "bytes"),
        ("allow", "GET, HEAD, OPTIONS"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let head = Answer::of(app.request(Method::HEAD, &url).send().await.expect("an answer")).await;
    assert_eq!((head.status, head.header("content-length")), (200, &*png().len().to_string()));
}

#[tokio::test]
async fn a_url_works_for_45_to_60_minutes_and_stays_the_same_within_a_window() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    let now = || chrono::Utc::now().timestamp();
    // A new window may begin between two of the requests, but not between all of them.
    let mut urls = Vec::new();
    for _ in 0..3 {
        let begin = now();
        let record = ada.get("/image/1/").await.json();
        let url: Url = record["original"].as_str().expect("a URL").parse().expect("a URL");
        let (_, expires) = url.query_pairs().find(|(name, _)| name == "expires").expect("an expiry");
        let expires: i64 = expires.parse().expect("seconds");
        assert!((begin + 45 * 60..=now() + 60 * 60).contains(&expires), "{expires} at {begin}");
        urls.push(url);
    }
    assert!(urls[0] == urls[1] || urls[1] == urls[2], "{urls:?}");
}

#[tokio::test]
async fn a_part_of_an_object_can_be_asked_for() {
    let app = TestApp::start().await;
    let url = original(&app).await;
    let answer = asked(&app, &url, "Range", "bytes=1-3").await;
    assert_eq!((answer.status, answer.text()), (206, "PNG"));
    assert_eq!(answer.header("content-range"), format!("bytes 1-3/{}", png().len()));
    assert_eq!(answer.header("content-type"), "image/png");
    let beyond = asked(&app, &url, "Range", "bytes=100000-").await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, &*format!("bytes */{}", png().len())));
    beyond.assert_is(416, r#"{"detail":"Range Not Satisfiable."}"#);
}

#[tokio::test]
async fn an_object_that_the_client_has_is_not_sent_again() {
    let app = TestApp::start().await;
    let url = original(&app).await;
    let tag = app.get(&url).await.header("etag").to_owned();
    let answer = asked(&app, &url, "If-None-Match", &tag).await;
    assert_eq!((answer.status, answer.header("etag")), (304, &*tag));
    assert_eq!(answer.header("cache-control"), "private, max-age=900");
    let other = asked(&app, &url, "If-Match", "\"another\"").await;
    other.assert_is(412, r#"{"detail":"Precondition Failed."}"#);
}

#[tokio::test]
async fn a_url_that_was_changed_is_refused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (one, other) = (ada.uploaded().await, ada.uploaded().await);
    let url = |record: &serde_json::Value| record["original"].as_str().expect("a URL").to_owned();
    let (one, other) = (url(&one), url(&other));
    let (path, query) = one.split_once('?').expect("a query");
    let (other_path, _) = other.split_once('?').expect("a query");
    let (expires, signature) = query.split_once("&signature=").expect("a signature");
    let last = if signature.ends_with('0') { "1" } else { "0" };
    for changed in [
        format!("{other_path}?{query}"),
        format!("{path}?{expires}0&signature={signature}"),
        format!("{path}?expires=99999999999&signature={signature}"),
        format!("{path}?{expires}&signature={}{last}", &signature[..signature.len() - 1]),
        format!("{path}?{expires}&signature={}", signature.to_uppercase()),
        format!("{path}?{expires}&signature="),
        format!("{path}?{expires}"),
        format!("{path}?signature={signature}"),
        format!("{path}?expires=99999999999&{query}"),
        path.to_owned(),
        format!("{path}x?{query}"),
        format!("{path}/?{query}"),
        format!("{}?{query}", path.replace("original.png", "original.jpg")),
        app.url("/objects/"),
        app.url("/objects/..%2f..%2fetc/passwd"),
    ] {
        // If the signature has only digits, it is the same in upper case.
        if changed != one {
            let answer = app.get(&changed).await;
            assert_eq!(answer.status, 403, "{changed}");
            answer.assert_is(403, FORBIDDEN);
        }
    }
    assert_eq!(app.get(&one).await.status, 200);
}

#[tokio::test]
async fn a_url_expires() {
    let app = TestApp::start_with(|settings| settings.limits.url_lifetime = Duration::from_secs(4)).await;
    let url = original(&app).await;
    let fresh = app.get(&url).await;
    assert_eq!((fresh.status, fresh.header("cache-control")), (200, "private, max-age=1"));
    until("the URL has expired", async || app.get(&url).await.status != 200).await;
    app.get(&url).await.assert_is(403, r#"{"detail":"This URL has expired."}"#);
}

#[tokio::test]
async fn a_browser_that_asks_for_a_picture_gets_it() {
    let app = TestApp::start().await;
    let url = original(&app).await;
    let answer = asked(&app, &url, "Accept", "image/avif,image/webp,*/*;q=0.8").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "image/png"));
    assert_eq!(asked(&app, &url, "Accept", "image/*").await.status, 200);
    // A token does no harm either; a client may send it with every request.
    assert_eq!(asked(&app, &url, "Authorization", "Token wrong").await.status, 200);
}

#[tokio::test]
async fn another_method_on_an_object_is_not_allowed() {
    let app = TestApp::start().await;
    let url = original(&app).await;
    let answer = Answer::of(app.request(Method::DELETE, &url).send().await.expect("an answer")).await;
    answer.assert_is(405, r#"{"detail":"Method \"DELETE\" not allowed."}"#);
    assert_eq!(app.get(&url).await.status, 200);
}

async fn original(app: &TestApp) -> String {
    app.user("ada").await.uploaded().await["original"].as_str().expect("a URL").to_owned()
}

async fn asked(app: &TestApp, url: &str, header: &str, value: &str) -> Answer {
    Answer::of(app.request(Method::GET, url).header(header, value).send().await.expect("an answer")).await
}
