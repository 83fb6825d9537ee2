//! Tests of long polls: `GET image/<id>/?wait=<seconds>`.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::helpers::{TestApp, on_every_backend, on_services_with};

on_every_backend! {
    a_long_poll_is_answered_when_the_image_is_ready
}

async fn a_long_poll_is_answered_when_the_image_is_ready(app: &TestApp) {
    let ada = app.user("ada").await;
    let image = ada.uploaded().await;
    let path = format!("/image/{}/?wait=30", image["id"]);
    let begun = Instant::now();
    let (waited, ()) = tokio::join!(ada.get(&path), ada.process(&image));
    assert!(waited.json()["small"].is_string(), "{}", waited.text());
    let at_once = ada.get(&path).await;
    assert!(at_once.json()["small"].is_string());
    assert!(begun.elapsed() < Duration::from_secs(25), "nobody waited for the end of the time");
}

#[tokio::test]
async fn the_time_of_a_long_poll_ends_with_the_image_as_it_is() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    let begun = Instant::now();
    let answer = ada.get("/image/1/?wait=1").await;
    assert_eq!(answer.status, 200);
    assert!(answer.json()["small"].is_null());
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    let status = ada.get("/image/1/status/?wait=0").await;
    assert_eq!(status.json()["state"], "pending");
}

#[tokio::test]
async fn a_long_poll_ends_when_the_image_is_deleted() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    let delete = async {
        ada.get("/image/1/").await;
        ada.delete("/image/1/").await
    };
    let (waited, deleted) = tokio::join!(ada.get("/image/1/?wait=30"), delete);
    assert_eq!((waited.status, deleted.status), (404, 204));
}

#[tokio::test]
async fn a_shutdown_ends_long_polls_at_once() {
    let mut app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    let token = ada.token.clone();
    let request = app.request(reqwest::Method::GET, "/image/1/?wait=30");
    let waiting = tokio::spawn(request.header("Authorization", format!("Token {token}")).send());
    // The request is there when the next one is answered, since it was sent before.
    crate::helpers::until("the long poll waits", async || app.backends.metadata.watched() == 1).await;
    let begun = Instant::now();
    app.stop();
    let answer = waiting.await.expect("no panic").expect("an answer");
    assert_eq!(answer.status(), 200);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn long_polls_on_one_replica_see_what_another_finishes() {
    on_services_with(
        |_| {},
        async |start| {
            let (app, other) = (start.api().await, start.api().await);
            let ada = app.user("ada").await;
            let mut images = Vec::new();
            for _ in 0..5 {
                images.push(ada.uploaded().await);
            }
            let paths: Vec<String> =
                images.iter().map(|image| format!("/image/{}/status/?wait=30", image["id"])).collect();
            let process = async {
                let there = crate::helpers::User::new(&other, ada.token.clone());
                for image in &images {
                    there.process(image).await;
                }
            };
            let begun = Instant::now();
            let (statuses, ()) = tokio::join!(join_all(paths.iter().map(|path| ada.get(path))), process);
            assert!(statuses.iter().all(|answer| answer.json()["state"] == "ready"), "{statuses:?}");
            assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        },
    )
    .await;
}

#[tokio::test]
async fn a_time_that_is_no_number_up_to_thirty_is_told() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    for wait in ["31", "-1", "x", "", "1.5"] {
        let answer = ada.get(&format!("/image/1/?wait={wait}")).await;
        answer.assert_is(400, r#"{"wait":["Expected is a whole number of seconds from 0 to 30."]}"#);
    }
    assert_eq!(ada.get("/image/1/?wait=x&wait=0").await.status, 200, "the last one counts");
}
