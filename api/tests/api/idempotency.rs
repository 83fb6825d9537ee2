//! Tests of `POST image/` with an `Idempotency-Key`, which a client sends when it may have to repeat the upload.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use resizinator_shared::account::{Quota, Quotas};
use resizinator_shared::settings::{DatabaseUrl, S3Location, StorageUrl};
use tokio::net::TcpListener;
use url::Url;

use crate::helpers::{
    Answer, Form, Proxy, TestApp, User, assert_left_nothing, bmp, database, early_answer, on_every_backend,
    on_services_with, on_storage, png, s3, send, until, upload_head,
};

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

/// Uploads a file with a key, in a body whose boundary no other body has.
async fn upload(user: &User<'_>, key: &str, name: &str, bytes: &[u8]) -> Answer {
    let boundary = format!("{:032x}", rand::random::<u128>());
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"original\"; filename=\"{name}\"\r\n\r\n"
    );
    let body = [head.as_bytes(), bytes, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
    let request = user.request(Method::POST, "/image/").header("Idempotency-Key", key);
    send(request.header("Content-Type", format!("multipart/form-data; boundary={boundary}")).body(body)).await
}

async fn a_repeated_upload_makes_no_second_image(app: &TestApp) {
    let ada = app.user("ada").await;
    let first = upload(&ada, KEY, "a.png", &png()).await;
    assert_eq!(first.status, 201, "{}", first.text());
    for key in [KEY, &format!("\"{KEY}\"")] {
        let again = upload(&ada, key, "a.png", &png()).await;
        assert_eq!(again.status, 201, "{}", again.text());
        for name in ["location", "cache-control", "content-type"] {
            assert_eq!(again.header(name), first.header(name), "{name}");
        }
        for name in ["id", "user", "created_at", "updated_at"] {
            assert_eq!(again.json()[name], first.json()[name], "{name}");
        }
        let original = again.json()["original"].as_str().expect("a URL").to_owned();
        let served = reqwest::get(original).await.expect("an answer");
        assert_eq!(served.bytes().await.expect("the bytes"), png());
    }
    assert_eq!(ada.get("/image/").await.json()["count"], 1);
    assert_eq!(app.backends.objects.list("", 10).await.expect("an answer").len(), 1);
    until("the job is queued", async || app.backends.jobs.depth().await.expect("an answer").ready > 0).await;
    assert_eq!(app.backends.jobs.depth().await.expect("an answer").ready, 1);
}

async fn a_repeated_upload_shows_the_image_as_it_is_now(app: &TestApp) {
    let ada = app.user("ada").await;
    let record = upload(&ada, KEY, "a.png", &png()).await.json();
    ada.process(&record).await;
    let again = upload(&ada, KEY, "a.png", &png()).await;
    assert_eq!((again.status, &again.json()["id"]), (201, &record["id"]));
    assert!(again.json()["small"].is_string() && again.json()["medium"].is_string(), "{}", again.text());
}

async fn a_repeated_upload_of_a_deleted_image_finds_none(app: &TestApp) {
    let ada = app.user("ada").await;
    let record = upload(&ada, KEY, "a.png", &png()).await.json();
    assert_eq!(ada.delete(&format!("/image/{}/", record["id"])).await.status, 204);
    let again = upload(&ada, KEY, "a.png", &png()).await;
    again.assert_is(404, r#"{"detail":"No Image matches the given query."}"#);
    until("the tombstone is purged", async || {
        app.backends.objects.list("", 10).await.expect("an answer").is_empty()
    })
    .await;
    assert_eq!(upload(&ada, KEY, "a.png", &png()).await.status, 404);
}

async fn another_file_or_name_with_the_same_key_is_refused(app: &TestApp) {
    let ada = app.user("ada").await;
    let record = upload(&ada, KEY, "a.png", &png()).await.json();
    let refusal = r#"{"detail":"The Idempotency-Key belongs to another upload: another file, or another name for it."}"#;
    upload(&ada, KEY, "b.png", &png()).await.assert_is(422, refusal);
    upload(&ada, KEY, "a.bmp", &bmp(6, 4)).await.assert_is(422, refusal);
    assert_eq!(upload(&ada, KEY, "a.png", &png()).await.json()["id"], record["id"]);
    assert_eq!(ada.get("/image/").await.json()["count"], 1);
}

async fn two_users_may_choose_the_same_key(app: &TestApp) {
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let hers = upload(&ada, KEY, "a.png", &png()).await.json();
    let his = upload(&bob, KEY, "b.bmp", &bmp(6, 4)).await.json();
    assert_ne!(hers["id"], his["id"]);
    assert_eq!(upload(&ada, KEY, "a.png", &png()).await.json()["id"], hers["id"]);
}

async fn only_a_201_is_remembered(app: &TestApp) {
    let ada = app.user("ada").await;
    assert_eq!(upload(&ada, KEY, "a.png", b"no image").await.status, 422);
    assert_eq!(upload(&ada, KEY, "a.exe", &png()).await.status, 422);
    let accepted = upload(&ada, KEY, "a.png", &png()).await;
    assert_eq!(accepted.status, 201, "{}", accepted.text());
}

async fn a_bad_key_is_answered_with_what_is_expected(app: &TestApp) {
    let ada = app.user("ada").await;
    let expected = r#"{"detail":"Invalid Idempotency-Key header: 1 to 255 visible ASCII characters are expected, in quotes or without."}"#;
    for key in ["", "\"\"", "two words", "\"open", "ä", &"k".repeat(256)] {
        upload(&ada, key, "a.png", &png()).await.assert_is(400, expected);
    }
    let twice =
        ada.request(Method::POST, "/image/").header("Idempotency-Key", "a").header("Idempotency-Key", "a");
    let body = Form::new().file("original", "a.png", &png()).body();
    let answer = send(twice.header("Content-Type", Form::TYPE).body(body)).await;
    answer.assert_is(400, r#"{"detail":"Invalid Idempotency-Key header: it is there more than once."}"#);
    assert_left_nothing(app, &ada).await;
    assert_eq!(upload(&ada, &"k".repeat(255), "a.png", &png()).await.status, 201);
}

on_every_backend! {
    a_repeated_upload_makes_no_second_image
    a_repeated_upload_shows_the_image_as_it_is_now
    a_repeated_upload_of_a_deleted_image_finds_none
    another_file_or_name_with_the_same_key_is_refused
    two_users_may_choose_the_same_key
    only_a_201_is_remembered
    a_bad_key_is_answered_with_what_is_expected
}

#[tokio::test]
async fn of_many_uploads_with_one_key_on_two_replicas_one_is_stored() {
    on_services_with(
        |_| {},
        async |start| {
            let (first, second) = (start.api().await, start.api().await);
            let ada = first.user("ada").await;
            let on_second = User::new(&second, ada.token.clone());
            for round in 0..4 {
                let key = format!("round-{round}");
                let tries = (0..16).map(|number| {
                    let (user, key) = (if number % 2 == 0 { &ada } else { &on_second }, &key);
                    async move { upload(user, key, "a.png", &png()).await }
                });
                let mut ids = Vec::new();
                for answer in join_all(tries).await {
                    match answer.status {
                        201 => ids.push(answer.json()["id"].clone()),
                        409 => assert!(!answer.header("retry-after").is_empty()),
                        _ => panic!("{answer:?}"),
                    }
                }
                ids.dedup();
                assert_eq!(ids.len(), 1, "{ids:?}");
                assert_eq!(upload(&on_second, &key, "a.png", &png()).await.json()["id"], ids[0]);
                assert_eq!(ada.get("/image/").await.json()["count"], round + 1);
            }
            assert_eq!(first.backends.objects.list("", 100).await.expect("an answer").len(), 4);
        },
    )
    .await;
}

#[tokio::test]
async fn a_repeated_upload_needs_no_room() {
    let size = png().len() as u64;
    for quotas in [
        Quotas { images: Quota::at_most(1), bytes: Quota::UNLIMITED },
        Quotas { images: Quota::UNLIMITED, bytes: Quota::at_most(size) },
        Quotas { images: Quota::UNLIMITED, bytes: Quota::at_most(2 * size - 1) },
    ] {
        let app = TestApp::start_with(|settings| settings.limits.quotas = quotas).await;
        let ada = app.user("ada").await;
        let record = upload(&ada, KEY, "a.png", &png()).await.json();
        let again = upload(&ada, KEY, "a.png", &png()).await;
        assert_eq!((again.status, &again.json()["id"]), (201, &record["id"]), "{quotas:?}");
        assert_eq!(upload(&ada, KEY, "b.png", &png()).await.status, 422);
        let other = upload(&ada, "another-key", "a.png", &png()).await;
        assert!(other.text().contains("_per_user is "), "{}", other.text());
        assert_eq!(ada.delete(&format!("/image/{}/", record["id"])).await.status, 204);
        assert_eq!(upload(&ada, "another-key", "a.png", &png()).await.status, 201, "it is not remembered");
    }
}

#[tokio::test]
async fn a_user_whose_quota_is_full_need_not_send_a_file_with_a_new_key() {
    let none = Quotas { images: Quota::at_most(0), bytes: Quota::UNLIMITED };
    let app = TestApp::start_with(|settings| settings.limits.quotas = none).await;
    let ada = app.user("ada").await;
    let head = upload_head(&ada, &format!("Content-Length: 10000000\r\nIdempotency-Key: {KEY}"));
    let answer = early_answer(&app, &head).await;
    answer.assert_refused("The limit max_images_per_user is 0 images, and you have 0.");
}

#[tokio::test]
async fn an_upload_that_the_object_store_does_not_take_can_be_repeated_at_once() {
    let location = s3();
    let endpoint = location.endpoint.clone().expect("TEST_STORAGE_URL names an endpoint");
    let mut proxy = Proxy::to(&endpoint);
    database(async |url: Url| {
        on_storage(&location, &url, async || {
            let app = replica(&url, &location, &format!("http://{}", proxy.address)).await;
            let ada = app.user("ada").await;
            assert_eq!(upload(&ada, KEY, "a.png", &png()).await.status, 503);
            proxy.open();
            until("the store answers", async || app.get("/readyz").await.status == 200).await;
            // The key is freed right behind the answer.
            until("the key is free", async || upload(&ada, KEY, "a.png", &png()).await.status == 201).await;
            assert_eq!(upload(&ada, KEY, "a.png", &png()).await.status, 201);
            assert_eq!(ada.get("/image/").await.json()["count"], 1);
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_runs_keeps_its_key_until_its_client_goes() {
    let location = s3();
    let endpoint = location.endpoint.clone().expect("TEST_STORAGE_URL names an endpoint").to_string();
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let nowhere = format!("http://{}", silent.local_addr().expect("has an address"));
    database(async |url: Url| {
        on_storage(&location, &url, async || {
            let (stuck, other) =
                (replica(&url, &location, &nowhere).await, replica(&url, &location, &endpoint).await);
            let ada = other.user("ada").await;
            let on_stuck = User::new(&stuck, ada.token.clone());
            let first = async {
                let bytes = png();
                let client = upload(&on_stuck, KEY, "a.png", &bytes);
                tokio::time::timeout(Duration::from_secs(2), client).await.expect_err("the put takes long")
            };
            let key = KEY.parse().expect("a key");
            let id = other.row("ada").await.id;
            let second = async {
                until("the first one has the key", async || {
                    other.backends.metadata.has_key(id, &key).await.expect("an answer")
                })
                .await;
                assert_eq!(upload(&ada, KEY, "b.png", &png()).await.status, 422);
                upload(&ada, KEY, "a.png", &png()).await
            };
            let (_, running) = tokio::join!(first, second);
            running.assert_is(409, r#"{"detail":"An upload with this Idempotency-Key is still running."}"#);
            assert!(!running.header("retry-after").is_empty());
            // The client of the first one has gone.
            until("the key is free", async || upload(&ada, KEY, "a.png", &png()).await.status == 201).await;
            assert_eq!(ada.get("/image/").await.json()["count"], 1);
        })
        .await;
    })
    .await;
}

/// Starts an api whose object store is at this address, whether or not it can be reached.
async fn replica(database: &Url, location: &S3Location, endpoint: &str) -> TestApp {
    let mut location = location.clone();
    location.endpoint = Some(endpoint.parse().expect("a URL"));
    let app = TestApp::launch(|settings| {
        settings.database = DatabaseUrl::Postgres(database.to_string());
        settings.storage = StorageUrl::S3(Box::new(location));
    });
    until("the tables are there", async || app.get("/image/").await.status == 401).await;
    app
}
