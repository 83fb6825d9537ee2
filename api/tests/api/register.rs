//! Tests of `POST user/register/`.

use crate::helpers::{JSON, TestApp, URLENCODED, on_every_backend};

const CREATED: &str = r#"{"detail":"User created"}"#;
const MISSING: &str = r#"{"error":"Please provide both username and password"}"#;
const TAKEN: &str = r#"{"error":"Username already exists"}"#;

#[tokio::test]
async fn a_user_is_made_from_json_or_a_form() {
    let app = TestApp::start().await;
    let answer = app.post_json("/user/register/", r#"{"username":"ada","password":"correct horse"}"#).await;
    answer.assert_is(201, CREATED);
    assert_eq!(answer.header("allow"), "POST, OPTIONS");
    app.post(
        "/user/register/",
        URLENCODED,
        "username=b%20ob&password=%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9",
    )
    .await
    .assert_is(201, CREATED);
    let login = app.post_json("/user/login/", r#"{"username":"b ob","password":"éééééééé"}"#).await;
    assert_eq!(login.status, 200, "{}", login.text());
}

#[tokio::test]
async fn both_fields_are_needed() {
    let app = TestApp::start().await;
    for body in [
        "",
        "{}",
        "[]",
        "null",
        r#"{"username":"ada"}"#,
        r#"{"password":"x"}"#,
        r#"{"username":"","password":"x"}"#,
        r#"{"username":"ada","password":""}"#,
        r#"{"username":null,"password":"x"}"#,
        r#"{"username":["ada"],"password":"x"}"#,
    ] {
        app.post_json("/user/register/", body).await.assert_is(422, MISSING);
    }
    app.post("/user/register/", URLENCODED, "username=ada").await.assert_is(422, MISSING);
    app.post("/user/register/", URLENCODED, "%%%=&&").await.assert_is(422, MISSING);
}

#[tokio::test]
async fn a_name_is_given_once() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let again = r#"{"username":"ada","password":"another one"}"#;
    app.post_json("/user/register/", again).await.assert_is(400, TAKEN);
}

#[tokio::test]
async fn of_eight_registrations_of_one_name_one_wins() {
    let app = TestApp::start().await;
    let body = r#"{"username":"ada","password":"correct horse"}"#;
    let race = (0..8).map(|_| app.post_json("/user/register/", body));
    let mut answers: Vec<_> =
        futures_util::future::join_all(race).await.iter().map(|answer| answer.text().to_owned()).collect();
    answers.sort_unstable();
    let mut expected = vec![TAKEN; 7];
    expected.insert(0, CREATED);
    assert_eq!(answers, expected);
}

#[tokio::test]
async fn whatever_is_malformed_is_the_clients_fault() {
    let app = TestApp::start().await;
    let long = "x".repeat(200_000);
    for (content_type, body) in [
        (JSON, &b"{"[..]),
        (JSON, b"{\"username\":\"a\xff\",\"password\":\"x\"}"),
        (JSON, br#"{"username":"a\u0000b","password":"x"}"#),
        (JSON, br#"{"username":"\ud800","password":"x"}"#),
        (JSON, long.as_bytes()),
        (URLENCODED, b"username=a%00b&password=x"),
        (URLENCODED, long.as_bytes()),
        (JSON, format!(r#"{{"username":"{}","password":"x"}}"#, "x".repeat(151)).as_bytes()),
        (JSON, format!(r#"{{"username":"x","password":"{}"}}"#, "x".repeat(5000)).as_bytes()),
    ] {
        let answer = app.post("/user/register/", content_type, body.to_vec()).await;
        assert!(matches!(answer.status, 400 | 413 | 422), "{} {}", answer.status, answer.text());
    }
    let answer = app.post("/user/register/", "text/plain", "username=a").await;
    answer.assert_is(415, r#"{"detail":"Unsupported media type \"text/plain\" in request."}"#);
}

#[tokio::test]
async fn names_are_as_long_and_as_odd_as_people_like() {
    let app = TestApp::start().await;
    for name in ["é".repeat(150).as_str(), "' OR 1=1; --", " ", "日本", "a\\nb"] {
        let body = serde_json::json!({ "username": name, "password": "correct horse" }).to_string();
        app.post_json("/user/register/", &body).await.assert_is(201, CREATED);
        assert_eq!(app.post_json("/user/login/", &body).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn a_closed_registration_makes_no_users() {
    let app = TestApp::start_with(|settings| settings.registration_open = false).await;
    let answer = app.post_json("/user/register/", r#"{"username":"ada","password":"x"}"#).await;
    answer.assert_is(403, r#"{"detail":"Registration is closed."}"#);
}

#[tokio::test]
async fn a_new_password_has_a_least_length() {
    let app = TestApp::start().await;
    let short = r#"{"error":"This password is too short. It must contain at least 8 characters."}"#;
    for password in ["seven c", "ééééééé"] {
        let body = serde_json::json!({ "username": "ada", "password": password }).to_string();
        app.post_json("/user/register/", &body).await.assert_is(422, short);
    }
    let app = TestApp::start_with(|settings| settings.limits.password_min = 1).await;
    app.post_json("/user/register/", r#"{"username":"ada","password":"x"}"#).await.assert_is(201, CREATED);
}

on_every_backend! {
    names_that_look_the_same_are_the_same
}

async fn names_that_look_the_same_are_the_same(app: &TestApp) {
    app.user("Zo\u{eb}").await;
    let again = "{\"username\":\"Zoe\u{308}\",\"password\":\"correct horse\"}";
    app.post_json("/user/register/", again).await.assert_is(400, TAKEN);
    assert_eq!(app.post_json("/user/login/", again).await.status, 200);
}
