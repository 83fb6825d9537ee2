//! Tests of authentication: who may use `image/`.

use crate::helpers::{Answer, TestApp};
use reqwest::Method;
use reqwest::header::HeaderValue;

const ENDPOINTS: [(Method, &str); 4] = [
    (Method::GET, "/image/"),
    (Method::POST, "/image/"),
    (Method::GET, "/image/1/"),
    (Method::DELETE, "/image/1/"),
];

#[tokio::test]
async fn every_wrong_header_has_its_own_sentence() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (with_space, half) = (format!("Token {} x", ada.token), format!("Token {}", &ada.token[..39]));
    for (header, detail) in [
        (&b"Basic dXNlcjpwYXNz"[..], "Authentication credentials were not provided."),
        (b"", "Authentication credentials were not provided."),
        (ada.token.as_bytes(), "Authentication credentials were not provided."),
        (b"Tokens abc", "Authentication credentials were not provided."),
        (b"Token", "Invalid token header. No credentials provided."),
        (b"token ", "Invalid token header. No credentials provided."),
        (b"Bearer", "Invalid token header. No credentials provided."),
        (with_space.as_bytes(), "Invalid token header. Token string should not contain spaces."),
        (b"Token a b", "Invalid token header. Token string should not contain spaces."),
        (b"Token \xff\xfe", "Invalid token header. Token string should not contain invalid characters."),
        (b"Token abc", "Invalid token."),
        (half.as_bytes(), "Invalid token."),
        ("Token naïve".as_bytes(), "Invalid token."),
    ] {
        for (method, path) in ENDPOINTS {
            refused(&answer(&app, method, path, Some(header)).await, detail);
        }
    }
    for (method, path) in ENDPOINTS {
        refused(&answer(&app, method, path, None).await, "Authentication credentials were not provided.");
    }
}

#[tokio::test]
async fn the_scheme_may_be_token_or_bearer_in_any_case() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for scheme in ["Token", "token", "TOKEN", "Bearer", "bearer", "Token "] {
        let header = format!("{scheme} {}", ada.token);
        assert_eq!(
            answer(&app, Method::GET, "/image/", Some(header.as_bytes())).await.status,
            200,
            "{scheme}"
        );
    }
}

#[tokio::test]
async fn the_token_of_a_user_who_is_switched_off_says_so() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    app.set_active("ada", false).await;
    refused(&ada.get("/image/").await, "User inactive or deleted.");
}

#[tokio::test]
async fn a_token_is_stored_as_a_hash_only() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for entry in std::fs::read_dir(app.folder.path()).expect("a folder").flatten() {
        if entry.path().is_file() {
            let bytes = std::fs::read(entry.path()).expect("reads");
            let found = bytes.windows(40).any(|window| window == ada.token.as_bytes());
            assert!(!found, "{:?}", entry.path());
        }
    }
}

async fn answer(app: &TestApp, method: Method, path: &str, header: Option<&[u8]>) -> Answer {
    let mut request = app.request(method, path);
    if let Some(header) = header {
        request = request.header("Authorization", HeaderValue::from_bytes(header).expect("a header"));
    }
    Answer::of(request.send().await.expect("an answer")).await
}

#[track_caller]
fn refused(answer: &Answer, detail: &str) {
    answer.assert_is(401, &serde_json::json!({ "detail": detail }).to_string());
    assert_eq!(answer.header("www-authenticate"), "Token");
    assert!(!answer.header("allow").is_empty());
}
