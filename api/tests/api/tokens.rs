//! Tests of `user/tokens/`.

use reqwest::Method;
use serde_json::Value;

use crate::helpers::{JSON, TestApp, User, on_every_backend, send, until};

on_every_backend! {
    a_user_sees_the_tokens_and_their_labels
    a_user_revokes_a_token
    an_unused_token_expires
    the_use_of_a_token_is_recorded_later
}

async fn a_user_sees_the_tokens_and_their_labels(app: &TestApp) {
    let ada = app.user("ada").await;
    app.user("bob").await;
    let login = r#"{"username":"ada","password":"correct horse","label":"a\nphone"}"#;
    assert_eq!(app.post_json("/user/login/", login).await.status, 200);
    let login = r#"{"username":"ada","password":"correct horse"}"#;
    let program = app
        .request(Method::POST, "/user/login/")
        .header("Content-Type", JSON)
        .header("User-Agent", "gallery/1.0")
        .body(login);
    assert_eq!(send(program).await.status, 200);
    let answer = ada.get("/user/tokens/").await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "private, no-cache"));
    assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
    let page = answer.json();
    assert_eq!(
        (&page["count"], &page["next"], &page["previous"]),
        (&Value::from(3), &Value::Null, &Value::Null)
    );
    let tokens = page["results"].as_array().expect("a list");
    let labels: Vec<_> = tokens.iter().map(|token| token["label"].as_str().expect("a text")).collect();
    assert_eq!(labels, ["", "aphone", "gallery/1.0"]);
    let current: Vec<_> = tokens.iter().map(|token| token["current"].as_bool().expect("a bool")).collect();
    assert_eq!(current, [true, false, false]);
    for token in tokens {
        let keys: Vec<_> = token.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys.len(), 6, "no more than the record: {keys:?}");
        let day = |key: &str| {
            let text = token[key].as_str().expect("a time");
            assert!(text.ends_with('Z') && text.len() == "2024-05-18T18:05:06.009201Z".len(), "{text}");
            chrono::DateTime::parse_from_rfc3339(text).expect("RFC 3339").timestamp() / 86_400
        };
        assert_eq!(day("expires_at") - day("last_used_at"), 90);
        assert!(day("created_at") <= day("last_used_at"));
    }
}

async fn a_user_revokes_a_token(app: &TestApp) {
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let phone = User::new(app, app.token("ada").await);
    let path = format!("/user/tokens/{}/", tokens(&ada).await[1]["id"]);
    const NONE: &str = r#"{"detail":"No Token matches the given query."}"#;
    eve.delete(&path).await.assert_is(404, NONE);
    assert_eq!(phone.get("/image/").await.status, 200);
    ada.delete(&path).await.assert_is(204, "");
    phone.get("/image/").await.assert_is(401, r#"{"detail":"Invalid token."}"#);
    for path in [path.as_str(), "/user/tokens/0/", "/user/tokens/99999999999999999999999/"] {
        ada.delete(path).await.assert_is(404, NONE);
    }
    ada.delete("/user/tokens/x/").await.assert_is(404, r#"{"detail":"Not found."}"#);
    assert_eq!(tokens(&ada).await.len(), 1);
}

async fn an_unused_token_expires(app: &TestApp) {
    let ada = app.user("ada").await;
    let phone = User::new(app, app.token("ada").await);
    app.run_sql("UPDATE tokens SET used_at = '2020-01-01 00:00:00' WHERE id = (SELECT MAX(id) FROM tokens)")
        .await;
    phone.get("/image/").await.assert_is(401, r#"{"detail":"Invalid token."}"#);
    assert_eq!(tokens(&ada).await.len(), 1);
}

async fn the_use_of_a_token_is_recorded_later(app: &TestApp) {
    let ada = app.user("ada").await;
    let used = async || tokens(&ada).await[0]["last_used_at"].clone();
    let first = used().await;
    assert_eq!(used().await, first, "not at every request");
    // As if the last hour had passed without a request.
    let ago = chrono::Utc::now() - chrono::TimeDelta::hours(1);
    app.run_sql(&format!("UPDATE tokens SET used_at = '{}'", ago.format("%F %T"))).await;
    let before = used().await;
    until("the use is recorded", async || used().await != before).await;
    let recorded = used().await;
    assert!(recorded.as_str() > first.as_str(), "{recorded} {first}");
}

async fn tokens(user: &User<'_>) -> Vec<Value> {
    user.get("/user/tokens/").await.json()["results"].as_array().expect("a list").clone()
}
