//! Tests of what users do with their own account: the logout, the password and the deletion.

use reqwest::Method;

use crate::helpers::{
    Form, JSON, Line, TestApp, User, on_every_backend, on_services_with, png, until, upload_head,
};

const INVALID: &str = r#"{"detail":"Invalid token."}"#;
const WRONG: &str = r#"{"error":"The current password is wrong"}"#;

on_every_backend! {
    a_user_sees_who_they_are
    a_logout_ends_its_token_alone
    a_changed_password_ends_the_other_tokens
    a_password_is_changed_only_by_one_who_knows_it
    a_deleted_user_is_gone_with_all_images
    a_user_is_deleted_only_by_one_who_knows_the_password
    a_name_is_free_again_when_nothing_is_left
}

async fn a_user_sees_who_they_are(app: &TestApp) {
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let row = app.row("ada").await;
    let metadata = &app.backends.metadata;
    let summaries = metadata.users(None, 10).await.expect("an answer");
    let summary = summaries.iter().find(|summary| summary.user.id == row.id).expect("the user");
    let created_at = summary.created_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let record = |admin: bool| {
        format!(r#"{{"id":{},"username":"ada","admin":{admin},"created_at":"{created_at}"}}"#, row.id)
    };
    let answer = ada.get("/user/").await;
    answer.assert_is(200, &record(false));
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    let head = ada.send(Method::HEAD, "/user/").await;
    assert_eq!((head.status, head.text()), (200, ""));
    assert_eq!(head.header("content-length"), record(false).len().to_string());
    assert_eq!(bob.get("/user/").await.json()["username"], "bob");
    app.set_admin("ada", true).await;
    ada.get("/user/").await.assert_is(200, &record(true));
    let nobody = app.get("/user/").await;
    nobody.assert_is(401, r#"{"detail":"Authentication credentials were not provided."}"#);
}

async fn a_logout_ends_its_token_alone(app: &TestApp) {
    let ada = app.user("ada").await;
    let other = User::new(app, app.token("ada").await);
    let answer = ada.send(Method::POST, "/user/logout/").await;
    answer.assert_is(204, "");
    assert_eq!(answer.header("allow"), "POST, OPTIONS");
    ada.get("/image/").await.assert_is(401, INVALID);
    ada.send(Method::POST, "/user/logout/").await.assert_is(401, INVALID);
    assert_eq!(other.get("/image/").await.status, 200);
}

async fn a_changed_password_ends_the_other_tokens(app: &TestApp) {
    let ada = app.user("ada").await;
    let other = User::new(app, app.token("ada").await);
    let change = r#"{"current_password":"correct horse","new_password":"battery staple"}"#;
    ada.post_json("/user/password/", change).await.assert_is(204, "");
    assert_eq!(ada.get("/image/").await.status, 200);
    other.get("/image/").await.assert_is(401, INVALID);
    let login = async |password| {
        let body = serde_json::json!({ "username": "ada", "password": password }).to_string();
        app.post_json("/user/login/", &body).await.status
    };
    assert_eq!(login("correct horse").await, 401);
    assert_eq!(login("battery staple").await, 200);
}

async fn a_password_is_changed_only_by_one_who_knows_it(app: &TestApp) {
    let ada = app.user("ada").await;
    let long = "x".repeat(4097);
    for (current, new, status, error) in [
        ("wrong", "battery staple", 403, "The current password is wrong"),
        (long.as_str(), "battery staple", 403, "The current password is wrong"),
        ("", "battery staple", 422, "Please provide current_password"),
        ("correct horse", "", 422, "Please provide new_password"),
        ("correct horse", "short", 422, "This password is too short. It must contain at least 8 characters."),
        (
            "correct horse",
            long.as_str(),
            422,
            "A username has at most 150 characters and no NUL, a password at most 4096 bytes",
        ),
    ] {
        let body = serde_json::json!({ "current_password": current, "new_password": new }).to_string();
        let expected = serde_json::json!({ "error": error }).to_string();
        ada.post_json("/user/password/", &body).await.assert_is(status, &expected);
    }
    for body in ["", "{}", "[]", r#"{"new_password":["battery staple"]}"#] {
        let answer = ada.post_json("/user/password/", body).await;
        answer.assert_is(422, r#"{"error":"Please provide new_password"}"#);
    }
    assert_eq!(ada.post_json("/user/password/", "{").await.status, 400);
    app.post_json("/user/password/", "{}")
        .await
        .assert_is(401, r#"{"detail":"Authentication credentials were not provided."}"#);
    app.token("ada").await;
}

async fn a_deleted_user_is_gone_with_all_images(app: &TestApp) {
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let image = ada.uploaded().await;
    ada.process(&image).await;
    ada.uploaded().await;
    let kept = bob.uploaded().await;
    delete(&ada).await;
    ada.get("/image/").await.assert_is(401, INVALID);
    let login = r#"{"username":"ada","password":"correct horse"}"#;
    app.post_json("/user/login/", login).await.assert_is(401, r#"{"error":"Invalid credentials"}"#);
    let objects = &*app.backends.objects;
    until("only bob's original is left", async || {
        let keys = objects.list("", 100).await.expect("an answer");
        keys.len() == 1
    })
    .await;
    assert_eq!(bob.get(&format!("/image/{}/", kept["id"])).await.status, 200);
}

async fn a_user_is_deleted_only_by_one_who_knows_the_password(app: &TestApp) {
    let ada = app.user("ada").await;
    let answer = ada.with_json(Method::DELETE, "/user/", r#"{"current_password":"wrong"}"#).await;
    answer.assert_is(403, WRONG);
    assert_eq!(answer.header("allow"), "GET, DELETE, HEAD, OPTIONS");
    for body in ["", "{}", r#"{"password":"correct horse"}"#] {
        let answer = ada.with_json(Method::DELETE, "/user/", body).await;
        answer.assert_is(422, r#"{"error":"Please provide current_password"}"#);
    }
    assert_eq!(ada.get("/image/").await.status, 200);
}

async fn a_name_is_free_again_when_nothing_is_left(app: &TestApp) {
    let ada = app.user("ada").await;
    ada.uploaded().await;
    delete(&ada).await;
    let register = r#"{"username":"ada","password":"another horse"}"#;
    let answer = app.post_json("/user/register/", register).await;
    answer.assert_is(400, r#"{"error":"Username already exists"}"#);
    let metadata = &app.backends.metadata;
    until("upkeep has removed the object once", async || {
        app.backends.objects.list("", 10).await.expect("an answer").is_empty()
            && metadata.to_purge(10).await.expect("an answer").is_empty()
    })
    .await;
    let first = app.row("ada").await.id;
    // What upkeep does some minutes later, when no put can be running any more.
    let image = metadata.by_object(None, 10).await.expect("an answer").remove(0);
    metadata.remove_row(image.id).await.expect("an answer");
    until("the user is removed", async || {
        metadata.remove_deleted_users(std::time::Duration::ZERO, 10).await.expect("an answer") == 1
    })
    .await;
    assert_eq!(app.post_json("/user/register/", register).await.status, 201);
    assert_ne!(app.row("ada").await.id, first);
    assert_eq!(app.events("ada").await.last().expect("an event").event, "created");
}

#[tokio::test]
async fn whoever_loses_access_loses_it_on_every_replica() {
    on_services_with(
        |_| {},
        async |start| {
            let (first, second) = (start.api().await, start.api().await);
            let ada = first.user("ada").await;
            let on_second = |token: &str| User::new(&second, token.to_owned());
            assert_eq!(on_second(&ada.token).get("/image/").await.status, 200);
            first.set_active("ada", false).await;
            let refused = on_second(&ada.token).get("/image/").await;
            refused.assert_is(401, r#"{"detail":"User inactive or deleted."}"#);
            first.set_active("ada", true).await;
            assert_eq!(on_second(&ada.token).get("/image/").await.status, 200);
            let other = User::new(&first, first.token("ada").await);
            other.send(Method::POST, "/user/logout/").await.assert_is(204, "");
            on_second(&other.token).get("/image/").await.assert_is(401, INVALID);
            delete(&ada).await;
            on_second(&ada.token).get("/image/").await.assert_is(401, INVALID);
        },
    )
    .await;
}

#[tokio::test]
async fn a_body_that_comes_late_proves_nothing_about_the_password_of_now() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let thief = User::new(&app, app.token("ada").await);
    for (method, path) in [("POST", "/user/password/"), ("DELETE", "/user/")] {
        let thief = User::new(&app, thief.token.clone());
        let body = r#"{"current_password":"correct horse","new_password":"mine for ever"}"#;
        let mut line = Line::to(&app).await;
        line.send(format!(
            "{method} {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Token {}\r\nContent-Type: {JSON}\r\n\
             Content-Length: {}\r\n\r\n{{",
            thief.token,
            body.len()
        ))
        .await;
        if method == "POST" {
            let change = r#"{"current_password":"correct horse","new_password":"battery staple"}"#;
            ada.post_json("/user/password/", change).await.assert_is(204, "");
        }
        line.send(&body[1..]).await;
        assert_eq!(line.answer().await.status, 401, "{method}");
    }
    let login = r#"{"username":"ada","password":"battery staple"}"#;
    assert_eq!(app.post_json("/user/login/", login).await.status, 200);
    assert_eq!(ada.get("/image/").await.status, 200);
}

#[tokio::test]
async fn an_upload_ends_with_the_token_with_which_it_began() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = Form::new().file("original", "a.png", &png()).body();
    let mut line = Line::to(&app).await;
    line.send(upload_head(&ada, &format!("Content-Length: {}", body.len()))).await;
    let (first, rest) = body.split_at(body.len() / 2);
    line.send(first).await;
    ada.send(Method::POST, "/user/logout/").await.assert_is(204, "");
    line.send(rest).await;
    let answer = line.answer().await;
    assert_eq!(answer.status, 401, "{}", answer.text());
    let again = User::new(&app, app.token("ada").await);
    assert_eq!(again.get("/image/").await.json()["count"], 0);
}

/// Deletes the user.
async fn delete(user: &User<'_>) {
    let body = r#"{"current_password":"correct horse"}"#;
    user.with_json(Method::DELETE, "/user/", body).await.assert_is(204, "");
}
