//! Tests of `healthz` and `readyz`.

use std::fs;

use resizinator_shared::settings::DatabaseUrl;

use crate::helpers::{TestApp, png, until};

const READY: &str = r#"{"status":"ready","metadata":"ok","objects":"ok","jobs":"ok"}"#;

#[tokio::test]
async fn an_api_with_its_backends_is_ready() {
    let app = TestApp::start().await;
    app.get("/healthz").await.assert_is(200, r#"{"status":"alive"}"#);
    app.get("/readyz").await.assert_is(200, READY);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named_until_it_is_back() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (folder, aside) = (app.folder.path().join("objects"), app.folder.path().join("aside"));
    fs::rename(&folder, &aside).expect("renames");
    let away = r#"{"status":"unavailable","metadata":"ok","objects":"unavailable","jobs":"ok"}"#;
    until("its absence is noticed", async || app.get("/readyz").await.text() == away).await;
    assert_eq!(app.get("/readyz").await.status, 503);
    app.get("/healthz").await.assert_is(200, r#"{"status":"alive"}"#);
    let answer = ada.upload("a.png", &png()).await;
    let again_later = r#"{"detail":"The service is temporarily unavailable, please try again later."}"#;
    answer.assert_is(503, again_later);
    assert_eq!(ada.get("/image/").await.json()["count"], 0);
    fs::rename(&aside, &folder).expect("renames");
    until("its return is noticed", async || app.get("/readyz").await.text() == READY).await;
    assert_eq!(ada.upload("a.png", &png()).await.status, 201);
}

#[tokio::test]
async fn a_database_file_that_cannot_be_opened_is_named_until_it_can() {
    let file = tempfile::tempdir().expect("a folder");
    let path = file.path().join("metadata.sqlite3");
    fs::create_dir(&path).expect("makes a folder where the file should be");
    let app = TestApp::launch(|settings| settings.database = DatabaseUrl::Sqlite(path.clone()));
    let away = r#"{"status":"unavailable","metadata":"unavailable","objects":"ok","jobs":"ok"}"#;
    until("its absence is noticed", async || app.get("/readyz").await.text() == away).await;
    assert_eq!(app.get("/readyz").await.status, 503);
    app.get("/healthz").await.assert_is(200, r#"{"status":"alive"}"#);
    let answer = app.get("/image/").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
    assert_eq!(answer.header("allow"), "GET, POST, HEAD, OPTIONS");
    fs::remove_dir(&path).expect("removes the folder");
    until("the api is ready", async || app.get("/readyz").await.status == 200).await;
    app.user("ada").await.uploaded().await;
}
