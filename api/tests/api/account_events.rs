//! Tests of the record of what happened to accounts.

use reqwest::Method;

use crate::helpers::{TestApp, User, on_every_backend, until};

on_every_backend! {
    what_happens_to_an_account_is_recorded_with_the_address
    the_record_has_no_secret
}

async fn what_happens_to_an_account_is_recorded_with_the_address(app: &TestApp) {
    let ada = app.user("ada").await;
    let wrong = r#"{"username":"ada","password":"wrong"}"#;
    assert_eq!(app.post_json("/user/login/", wrong).await.status, 401);
    until("the failed login is recorded", async || {
        app.events("ada").await.iter().any(|event| event.event == "login_failed")
    })
    .await;
    let phone = User::new(app, app.token("ada").await);
    phone.send(Method::POST, "/user/logout/").await.assert_is(204, "");
    app.token("ada").await;
    let token = ada.get("/user/tokens/").await.json()["results"][1]["id"].clone();
    ada.delete(&format!("/user/tokens/{token}/")).await.assert_is(204, "");
    let change = r#"{"current_password":"wrong","new_password":"battery staple"}"#;
    assert_eq!(ada.post_json("/user/password/", change).await.status, 403);
    let change = r#"{"current_password":"correct horse","new_password":"battery staple"}"#;
    ada.post_json("/user/password/", change).await.assert_is(204, "");
    let body = r#"{"current_password":"battery staple"}"#;
    ada.with_json(Method::DELETE, "/user/", body).await.assert_is(204, "");
    let events = app.events("ada").await;
    let names: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
    let expected = [
        "created",
        "login",
        "login_failed",
        "login",
        "logout",
        "login",
        "token_revoked",
        "password_refused",
        "password_changed",
        "deleted",
    ];
    assert_eq!(names, expected);
    assert!(events.iter().all(|event| event.address.as_deref() == Some("127.0.0.1")), "{events:?}");
}

async fn the_record_has_no_secret(app: &TestApp) {
    let ada = app.user("ada").await;
    assert_eq!(
        app.post_json("/user/login/", r#"{"username":"ada","password":"a wrong one"}"#).await.status,
        401
    );
    until("the failed login is recorded", async || app.events("ada").await.len() == 3).await;
    let events = format!("{:?}", app.events("ada").await);
    for secret in ["correct horse", "a wrong one", &ada.token, &ada.token[..8], "argon2"] {
        assert!(!events.contains(secret), "{secret} is in {events}");
    }
}
