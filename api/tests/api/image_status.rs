//! Tests of `GET image/<id>/status/` and `POST image/<id>/retry/`.

use std::time::Duration;

use reqwest::Method;
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::metadata::ClaimOutcome;
use resizinator_shared::testing::{generation, id};
use serde_json::{Value, json};

use crate::helpers::{TestApp, User, on_every_backend, png};

on_every_backend! {
    an_image_tells_what_it_is_and_what_became_of_it
    a_failed_image_says_why
    a_failed_image_is_rendered_once_more_where_that_may_help
}

async fn an_image_tells_what_it_is_and_what_became_of_it(app: &TestApp) {
    let ada = app.user("ada").await;
    let image = ada.uploaded().await;
    let before = status(&ada, &image).await;
    let bytes = png().len();
    let original = json!({ "format": "png", "width": 6, "height": 4, "frames": 1, "bytes": bytes });
    assert_eq!(before["original"], original);
    assert_eq!(
        (&before["state"], &before["attempts"], &before["error"]),
        (&json!("pending"), &json!(0), &Value::Null)
    );
    assert_eq!(
        (&before["small"], &before["placeholder"], &before["finished_at"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(before["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(before["file_name"], "sample.png");
    ada.process(&image).await;
    let after = status(&ada, &image).await;
    let variant = json!({ "format": "png", "width": 1, "height": 1, "frames": 1, "bytes": 6 });
    assert_eq!((&after["state"], &after["attempts"]), (&json!("ready"), &json!(1)));
    assert_eq!((&after["small"], &after["medium"]), (&variant, &variant));
    assert_eq!(after["placeholder"], "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBw==");
    for name in ["created_at", "accepted_at", "finished_at", "updated_at"] {
        assert!(after[name].as_str().is_some_and(|time| time.ends_with('Z')), "{name}: {after}");
    }
    assert!(after["accepted_at"].as_str() <= after["finished_at"].as_str());
    let keys: Vec<&String> = after.as_object().expect("an object").keys().collect();
    assert_eq!(keys.len(), 14, "{keys:?}");
}

async fn a_failed_image_says_why(app: &TestApp) {
    let ada = app.user("ada").await;
    let image = ada.uploaded().await;
    fail(app, &image, FailureCode::DecodeFailed).await;
    let failed = status(&ada, &image).await;
    assert_eq!(
        failed["error"],
        json!({ "code": "decode_failed", "detail": "It is damaged.", "retryable": false })
    );
    assert_eq!(failed["state"], "failed");
    assert!(failed["finished_at"].is_string());
    // The seven keys of the record stay as they are.
    assert_eq!(record(&ada, &image).await.as_object().expect("an object").len(), 7);
}

async fn a_failed_image_is_rendered_once_more_where_that_may_help(app: &TestApp) {
    let ada = app.user("ada").await;
    let image = ada.uploaded().await;
    let path = format!("/image/{}/retry/", image["id"]);
    let pending = ada.send(Method::POST, &path).await;
    pending.assert_is(409, r#"{"detail":"Only a failed image can be retried, and this one is pending."}"#);

    fail(app, &image, FailureCode::DecodeFailed).await;
    let hopeless = ada.send(Method::POST, &path).await;
    assert_eq!(hopeless.status, 409, "{}", hopeless.text());
    assert!(hopeless.text().contains("the file is at fault (decode_failed)"), "{}", hopeless.text());

    let other = ada.uploaded().await;
    fail(app, &other, FailureCode::RendererCrashed).await;
    let path = format!("/image/{}/retry/", other["id"]);
    let retried = ada.send(Method::POST, &path).await;
    assert_eq!(retried.status, 202, "{}", retried.text());
    let status = retried.json();
    assert_eq!(
        (&status["state"], &status["attempts"], &status["error"], &status["finished_at"]),
        (&json!("pending"), &json!(0), &Value::Null, &Value::Null)
    );
    assert_eq!(ada.send(Method::POST, &path).await.status, 409, "once");
    ada.process(&other).await;
    assert!(record(&ada, &other).await["small"].is_string());
}

#[tokio::test]
async fn of_many_retries_at_once_one_is_done() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let image = ada.uploaded().await;
    fail(&app, &image, FailureCode::GaveUp).await;
    let path = format!("/image/{}/retry/", image["id"]);
    let retries = (0..8).map(|_| ada.send(Method::POST, &path));
    let mut statuses: Vec<u16> =
        futures_util::future::join_all(retries).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409, 409, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn the_status_of_a_missing_or_foreign_image_is_404() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    ada.uploaded().await;
    for path in ["/image/1/status/", "/image/2/status/", "/image/99999999999999999999/status/"] {
        let answer = eve.get(path).await;
        answer.assert_is(404, r#"{"detail":"No Image matches the given query."}"#);
    }
    assert_eq!(eve.send(Method::POST, "/image/1/retry/").await.status, 404);
}

async fn status(user: &User<'_>, image: &Value) -> Value {
    let answer = user.get(&format!("/image/{}/status/", image["id"])).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn record(user: &User<'_>, image: &Value) -> Value {
    user.get(&format!("/image/{}/", image["id"])).await.json()
}

/// Fails an image as a worker does.
async fn fail(app: &TestApp, image: &Value, code: FailureCode) {
    let number = |key: &str| image[key].as_i64().expect("a number");
    let metadata = &app.backends.metadata;
    let lease = Duration::from_secs(60);
    let outcome = metadata.claim(id(number("id")), id(number("user")), generation(1), lease).await;
    let Ok(ClaimOutcome::Claimed(image)) = outcome else { panic!("{outcome:?}") };
    assert!(metadata.finish_failed(&image, code, "It is damaged.").await.expect("an answer"));
}
