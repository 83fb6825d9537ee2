//! Tests of `GET image/<id>/`.

use crate::helpers::TestApp;

const NO_SUCH_IMAGE: &str = r#"{"detail":"No Image matches the given query."}"#;

#[tokio::test]
async fn an_image_is_its_record() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let uploaded = ada.upload("a.png", &crate::helpers::png()).await;
    let answer = ada.get("/image/1/").await;
    assert_eq!(answer.status, 200);
    // The URL is the same as in the answer to the upload, unless a new window has begun in between.
    let (before, after) = (uploaded.json(), answer.json());
    for name in ["id", "small", "medium", "updated_at", "created_at", "user"] {
        assert_eq!(before[name], after[name]);
    }
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(answer.header("allow"), "GET, DELETE, HEAD, OPTIONS");
}

#[tokio::test]
async fn both_variants_appear_at_once_when_the_image_is_processed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let before = ada.uploaded().await;
    ada.process(&before).await;
    let after = ada.get("/image/1/").await.json();
    for name in ["small", "medium"] {
        let served = app.get(after[name].as_str().expect("a URL")).await;
        assert_eq!((served.status, served.text(), served.header("content-type")), (200, name, "image/png"));
    }
    assert_eq!(after["created_at"], before["created_at"]);
    assert!(after["updated_at"].as_str() > before["updated_at"].as_str());
}

#[tokio::test]
async fn a_missing_and_a_foreign_image_are_the_same() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    ada.uploaded().await;
    bob.get("/image/1/").await.assert_is(404, NO_SUCH_IMAGE);
    bob.get("/image/2/").await.assert_is(404, NO_SUCH_IMAGE);
    assert_eq!(ada.get("/image/1/").await.status, 200);
}

#[tokio::test]
async fn a_number_that_no_image_can_have_is_a_missing_image() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for id in ["0", "00", "9223372036854775807", "9223372036854775808", &"9".repeat(300)] {
        ada.get(&format!("/image/{id}/")).await.assert_is(404, NO_SUCH_IMAGE);
    }
}

#[tokio::test]
async fn an_id_that_is_no_plain_number_is_no_path() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for id in ["-1", "+1", "1.0", "abc", "1e3", "0x1", "%20", "1%20", "%D9%A1", "1/2", "%00"] {
        ada.get(&format!("/image/{id}/")).await.assert_is(404, r#"{"detail":"Not found."}"#);
    }
}
