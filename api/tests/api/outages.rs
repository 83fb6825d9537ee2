//! Tests of outages: if a backend is away, the api answers clearly and in time, stores nothing by halves, and works
//! again afterwards.

use std::time::{Duration, Instant};

use resizinator_shared::settings::{DatabaseUrl, QueueUrl, S3Location, StorageUrl};
use tokio::net::TcpListener;
use url::Url;

use crate::helpers::{Answer, ClosedPort, Proxy, TestApp, User, database, on_storage, png, s3, until};

const AGAIN_LATER: &str = r#"{"detail":"The service is temporarily unavailable, please try again later."}"#;

#[tokio::test]
async fn without_a_database_every_request_is_unavailable() {
    let nobody = ClosedPort::new();
    let url = format!("postgres://nobody:secret@{}/nowhere", nobody.address);
    let app = TestApp::launch(|settings| settings.database = DatabaseUrl::Postgres(url));
    let stranger = User::new(&app, "f".repeat(40));
    unavailable(stranger.upload("a.png", &png())).await;
    unavailable(stranger.get("/image/")).await;
    unavailable(stranger.delete("/image/1/")).await;
    let credentials = r#"{"username":"ada","password":"x"}"#;
    unavailable(app.post_json("/user/register/", credentials)).await;
    unavailable(app.post_json("/user/login/", credentials)).await;
    let body = r#"{"status":"unavailable","metadata":"unavailable","objects":"ok","jobs":"ok"}"#;
    app.get("/readyz").await.assert_is(503, body);
    app.get("/nothing/").await.assert_is(404, r#"{"detail":"Not found."}"#);
}

#[tokio::test]
async fn a_database_that_goes_and_comes_back_is_used_again() {
    database(async |url: Url| {
        let mut proxy = Proxy::to(&url);
        let through = proxy.url(url);
        let app = TestApp::launch(|settings| settings.database = DatabaseUrl::Postgres(through.into()));
        unavailable(app.get("/image/")).await;
        proxy.open();
        until("the api is ready", async || app.get("/readyz").await.status == 200).await;
        let ada = app.user("ada").await;
        ada.uploaded().await;

        proxy.close().await;
        unavailable(ada.get("/image/")).await;
        unavailable(ada.upload("a.png", &png())).await;
        unavailable(ada.delete("/image/1/")).await;
        until("its absence is noticed", async || app.get("/readyz").await.status == 503).await;
        assert_eq!(app.objects().len(), 1);

        proxy.open();
        until("the database answers", async || ada.get("/image/").await.status == 200).await;
        assert_eq!(ada.get("/image/").await.json()["count"], 1);
        ada.uploaded().await;
    })
    .await;
}

#[tokio::test]
async fn without_an_object_store_an_upload_is_unavailable_and_not_stored() {
    let nobody = ClosedPort::new();
    let endpoint = format!("http://{}", nobody.address);
    let app = TestApp::launch(|settings| settings.storage = at(s3(), &endpoint));
    started(&app).await;
    let ada = app.user("ada").await;
    unavailable(ada.upload("a.png", &png())).await;
    assert_eq!(ada.get("/image/").await.json()["count"], 0);
    let body = r#"{"status":"unavailable","metadata":"ok","objects":"unavailable","jobs":"ok"}"#;
    app.get("/readyz").await.assert_is(503, body);
}

#[tokio::test]
async fn an_object_store_that_says_nothing_is_unavailable_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let endpoint = format!("http://{}", silent.local_addr().expect("has an address"));
    let app = TestApp::launch(|settings| settings.storage = at(s3(), &endpoint));
    started(&app).await;
    let ada = app.user("ada").await;
    let (small, mut large) = (png(), png());
    large.resize(5 << 20, 0);
    tokio::join!(unavailable(ada.upload("a.png", &small)), unavailable(ada.upload("a.png", &large)), async {
        assert_eq!(app.get("/readyz").await.status, 503)
    },);
    assert_eq!(ada.get("/image/").await.json()["count"], 0);
}

#[tokio::test]
async fn an_object_store_that_comes_back_is_used_again() {
    let location = s3();
    let endpoint = location.endpoint.clone().expect("TEST_STORAGE_URL names an endpoint");
    let mut proxy = Proxy::to(&endpoint);
    database(async |url: Url| {
        on_storage(&location, &url, async || {
            let app = TestApp::launch(|settings| {
                settings.database = DatabaseUrl::Postgres(url.to_string());
                settings.storage = at(location.clone(), &format!("http://{}", proxy.address));
            });
            started(&app).await;
            let ada = app.user("ada").await;
            unavailable(ada.upload("a.png", &png())).await;
            proxy.open();
            until("the store answers", async || app.get("/readyz").await.status == 200).await;
            let record = ada.uploaded().await;
            proxy.close().await;
            unavailable(ada.upload("a.png", &png())).await;
            proxy.open();
            ada.uploaded().await;
            assert_eq!(ada.get("/image/").await.json()["count"], 2);
            let served = reqwest::get(record["original"].as_str().expect("a URL")).await.expect("an answer");
            assert_eq!(served.bytes().await.expect("the bytes"), png());
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn without_a_broker_the_api_is_degraded_and_takes_uploads() {
    let nobody = ClosedPort::new();
    let url = format!("amqp://nobody:secret@{}", nobody.address);
    let app = TestApp::start_with(|settings| settings.queue = QueueUrl::Amqp(url)).await;
    let body = r#"{"status":"degraded","metadata":"ok","objects":"ok","jobs":"unavailable"}"#;
    app.get("/readyz").await.assert_is(200, body);
    let ada = app.user("ada").await;
    let begin = Instant::now();
    ada.uploaded().await;
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    assert_eq!(ada.get("/image/").await.json()["count"], 1);
    ada.delete("/image/1/").await.assert_is(204, "");
}

fn at(mut location: S3Location, endpoint: &str) -> StorageUrl {
    location.endpoint = Some(endpoint.parse().expect("a URL"));
    StorageUrl::S3(Box::new(location))
}

/// Waits until the database is migrated, whatever else is away.
async fn started(app: &TestApp) {
    until("the tables are there", async || app.get("/image/").await.status == 401).await;
}

async fn unavailable(answer: impl Future<Output = Answer>) {
    let begin = Instant::now();
    let answer = answer.await;
    answer.assert_is(503, AGAIN_LATER);
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert!(!answer.header("retry-after").is_empty());
}
