//! Tests of upkeep, which the api runs beside its requests.

use std::sync::Arc;
use std::time::Duration;

use resizinator_formats::Format;
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::ids::{Generation, ObjectId};
use resizinator_shared::image::{State, StoredHeader};
use resizinator_shared::metadata::{ClaimOutcome, NewImage};
use resizinator_shared::testing::id;
use resizinator_shared::trace::Trace;

use crate::helpers::{TestApp, until};

#[tokio::test]
async fn a_claim_whose_worker_is_gone_runs_out() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    let metadata = Arc::clone(&app.backends.metadata);
    let outcome = metadata.claim(id(1), id(1), Generation::FIRST, Duration::ZERO).await.expect("an answer");
    assert!(matches!(outcome, ClaimOutcome::Claimed(_)), "{outcome:?}");
    let state = async || metadata.image(id(1), id(1)).await.expect("an answer").expect("is there").state;
    until("the image waits again", async || state().await == State::Pending).await;
}

#[tokio::test]
async fn an_image_whose_workers_keep_dying_fails() {
    let app = TestApp::start_with(|settings| settings.limits.attempts = 1).await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    let metadata = &app.backends.metadata;
    drop(metadata.claim(id(1), id(1), Generation::FIRST, Duration::ZERO).await.expect("an answer"));
    let image = async || metadata.image(id(1), id(1)).await.expect("an answer").expect("is there");
    until("the image has failed", async || image().await.state == State::Failed).await;
    assert_eq!(image().await.error_code, Some(FailureCode::AttemptsExhausted.into()));
    let record = ada.get("/image/1/").await.json();
    assert!(record["small"].is_null() && record["medium"].is_null());
}

#[tokio::test]
async fn an_unfinished_upload_is_never_seen() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let new = NewImage {
        user_id: id(1),
        object_id: &ObjectId::random(),
        file_name: "a.png",
        format: Format::Png,
        bytes: 1,
        sha256: "",
        header: StoredHeader { width: 400, height: 300, frames: 1 },
        trace: &Trace::default(),
        held: false,
    };
    app.backends.metadata.receive(&new).await.expect("a row");
    ada.get("/image/").await.assert_is(200, r#"{"count":0,"next":null,"previous":null,"results":[]}"#);
    assert_eq!(ada.get("/image/1/").await.status, 404);
    assert_eq!(ada.delete("/image/1/").await.status, 404);
}
