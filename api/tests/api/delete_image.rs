//! Tests of `DELETE image/<id>/`.

use reqwest::Method;

use crate::helpers::{TestApp, on_every_backend, until};

const NO_SUCH_IMAGE: &str = r#"{"detail":"No Image matches the given query."}"#;

async fn a_deleted_image_is_gone_with_its_objects(app: &TestApp) {
    let ada = app.user("ada").await;
    let record = ada.uploaded().await;
    ada.process(&record).await;
    let kept = ada.uploaded().await;
    let record = ada.get("/image/1/").await.json();

    let answer = ada.delete("/image/1/").await;
    answer.assert_is(204, "");
    assert_eq!(answer.header("allow"), "GET, DELETE, HEAD, OPTIONS");
    ada.get("/image/1/").await.assert_is(404, NO_SUCH_IMAGE);
    ada.delete("/image/1/").await.assert_is(404, NO_SUCH_IMAGE);
    assert_eq!(ada.get("/image/").await.json()["count"], 1);
    for name in ["original", "small", "medium"] {
        let url = record[name].as_str().expect("a URL");
        until("the object is gone", async || status(url).await == 404).await;
    }
    assert_eq!(status(kept["original"].as_str().expect("a URL")).await, 200);
}

on_every_backend! {
    a_deleted_image_is_gone_with_its_objects
}

#[tokio::test]
async fn the_folder_holds_nothing_of_a_deleted_image() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let record = ada.uploaded().await;
    ada.process(&record).await;
    assert_eq!(app.objects().len(), 3);
    ada.delete("/image/1/").await.assert_is(204, "");
    until("the folder is empty", async || app.objects().is_empty()).await;
}

#[tokio::test]
async fn nobody_deletes_the_image_of_another() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    ada.uploaded().await;
    bob.delete("/image/1/").await.assert_is(404, NO_SUCH_IMAGE);
    assert_eq!(ada.get("/image/1/").await.status, 200);
    for id in ["0", "7", "9223372036854775808"] {
        ada.delete(&format!("/image/{id}/")).await.assert_is(404, NO_SUCH_IMAGE);
    }
}

#[tokio::test]
async fn an_id_is_not_given_again() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    ada.delete("/image/1/").await.assert_is(204, "");
    assert_eq!(ada.uploaded().await["id"], 2);
}

#[tokio::test]
async fn of_eight_deletes_one_deletes() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    let answers = futures_util::future::join_all((0..8).map(|_| ada.send(Method::DELETE, "/image/1/"))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 404, 404, 404, 404, 404, 404, 404]);
}

async fn status(url: &str) -> u16 {
    reqwest::get(url).await.expect("an answer").status().as_u16()
}
