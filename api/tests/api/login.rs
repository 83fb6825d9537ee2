//! Tests of `POST user/login/`.

use crate::helpers::{JSON, TestApp, URLENCODED, User};

const INVALID: &str = r#"{"error":"Invalid credentials"}"#;

#[tokio::test]
async fn a_login_gives_a_token_that_nobody_may_keep() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let answer = app.post("/user/login/", URLENCODED, "username=ada&password=correct+horse").await;
    assert_eq!(answer.status, 200);
    let token = answer.json()["token"].as_str().expect("a token").to_owned();
    assert!(
        token.len() == 40 && token.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')),
        "{token}"
    );
    answer.assert_is(200, &format!(r#"{{"token":"{token}"}}"#));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("allow"), "POST, OPTIONS");
    assert_eq!(User::new(&app, token).get("/image/").await.status, 200);
}

#[tokio::test]
async fn each_login_gives_another_token() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    assert_ne!(ada.token, app.token("ada").await);
    assert_eq!(ada.get("/image/").await.status, 200);
}

#[tokio::test]
async fn whatever_is_wrong_the_answer_is_the_same() {
    let app = TestApp::start().await;
    app.user("ada").await;
    for (content_type, body) in [
        (JSON, &br#"{"username":"ada","password":"wrong"}"#[..]),
        (JSON, br#"{"username":"Ada","password":"correct horse"}"#),
        (JSON, br#"{"username":"bob","password":"correct horse"}"#),
        (JSON, br#"{"username":"ada"}"#),
        (JSON, br#"{"username":"ada","password":null}"#),
        (JSON, br#"{"username":"a\u0000","password":"x"}"#),
        (JSON, b"{}"),
        (JSON, b"{"),
        (JSON, b"\xff"),
        (JSON, b""),
        (URLENCODED, b"username=ada&password=wrong"),
        (URLENCODED, b"username=ada%00&password=wrong"),
        ("text/plain", b"username=ada"),
    ] {
        let answer = app.post("/user/login/", content_type, body.to_vec()).await;
        answer.assert_is(401, INVALID);
        assert!(!answer.headers.contains_key("www-authenticate"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_body_far_longer_than_any_credentials_is_not_read() {
    let app = TestApp::start().await;
    let answer = app.post("/user/login/", JSON, "x".repeat(200_000)).await;
    answer.assert_is(
        413,
        r#"{"detail":"The limit for a body without a file is 65536 bytes, and this one announces 200000."}"#,
    );
}

#[tokio::test]
async fn a_user_who_is_switched_off_cannot_log_in() {
    let app = TestApp::start().await;
    app.user("ada").await;
    app.set_active("ada", false).await;
    let right = r#"{"username":"ada","password":"correct horse"}"#;
    app.post_json("/user/login/", right).await.assert_is(401, INVALID);
    app.set_active("ada", true).await;
    assert_eq!(app.post_json("/user/login/", right).await.status, 200);
}

#[tokio::test]
async fn beyond_the_limit_the_oldest_token_is_dropped() {
    let app = TestApp::start_with(|settings| settings.limits.tokens_per_user = 3).await;
    let first = app.user("ada").await;
    let bob = app.user("bob").await;
    let second = User::new(&app, app.token("ada").await);
    app.token("ada").await;
    assert_eq!(first.get("/image/").await.status, 200);
    app.token("ada").await;
    first.get("/image/").await.assert_is(401, r#"{"detail":"Invalid token."}"#);
    assert_eq!(second.get("/image/").await.status, 200);
    assert_eq!(bob.get("/image/").await.status, 200);
}
