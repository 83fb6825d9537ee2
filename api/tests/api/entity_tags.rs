//! Tests of `ETag` and `If-None-Match`.

use reqwest::Method;

use crate::helpers::{Answer, TestApp, User, on_every_backend, send};

on_every_backend! {
    what_has_not_changed_is_not_sent_again
}

async fn what_has_not_changed_is_not_sent_again(app: &TestApp) {
    let ada = app.user("ada").await;
    let image = ada.uploaded().await;
    let paths =
        ["/image/".to_owned(), format!("/image/{}/", image["id"]), format!("/image/{}/status/", image["id"])];
    let mut tags = Vec::new();
    for path in &paths {
        let answer = ada.get(path).await;
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".into()] {
            let again = asked(&ada, path, &known).await;
            assert_eq!((again.status, again.text()), (304, ""), "{path} {known}");
            assert_eq!((again.header("etag"), again.header("cache-control")), (&*tag, "private, no-cache"));
            assert_eq!((again.header("content-type"), again.header("content-length")), ("", ""));
        }
        for unknown in ["\"other\"", "", "nonsense", "\""] {
            assert_eq!(asked(&ada, path, unknown).await.status, 200, "{path} {unknown}");
        }
        tags.push(tag);
    }
    ada.process(&image).await;
    for (path, tag) in paths.iter().zip(&tags) {
        let changed = asked(&ada, path, tag).await;
        assert_eq!(changed.status, 200, "{path}");
        assert_ne!(changed.header("etag"), tag);
    }
}

#[tokio::test]
async fn the_tag_of_a_list_changes_with_its_images_and_its_links() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let mut tags = Vec::new();
    let mut note = async |path: &str| tags.push(ada.get(path).await.header("etag").to_owned());
    note("/image/").await;
    ada.uploaded().await;
    note("/image/").await;
    ada.uploaded().await;
    note("/image/").await;
    note("/image/?limit=1").await;
    note("/image/?limit=1&offset=1").await;
    note("/image/?limit=1&cursor=").await;
    ada.delete("/image/2/").await;
    note("/image/?limit=1").await;
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count);
}

#[tokio::test]
async fn the_tag_of_a_list_with_the_status_changes_whenever_the_status_does() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    let mut tags = Vec::new();
    let mut note = async || {
        let answer = ada.get("/image/?include=status").await;
        assert_eq!(asked(&ada, "/image/?include=status", answer.header("etag")).await.status, 304);
        tags.push(answer.header("etag").to_owned());
    };
    note().await;
    // Neither changes the record, or when it was changed.
    app.run_sql("UPDATE images SET state = 'processing'").await;
    note().await;
    app.run_sql("UPDATE images SET attempts = 2").await;
    note().await;
    tags.push(ada.get("/image/").await.header("etag").to_owned());
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count);
}

#[tokio::test]
async fn another_user_has_another_tag() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    ada.uploaded().await;
    let tag = ada.get("/image/1/").await.header("etag").to_owned();
    assert_eq!(asked(&eve, "/image/1/", &tag).await.status, 404);
    let empty = eve.get("/image/").await.header("etag").to_owned();
    assert_eq!(asked(&ada, "/image/", &empty).await.status, 200);
}

async fn asked(user: &User<'_>, path: &str, known: &str) -> Answer {
    send(user.request(Method::GET, path).header("If-None-Match", known)).await
}
