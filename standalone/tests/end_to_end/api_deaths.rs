//! Tests in which an api dies while it stores an upload.

use std::time::{Duration, Instant};

use reqwest::StatusCode;

use crate::client::User;
use crate::eventually::eventually;
use crate::gate::Gate;
use crate::pictures;
use crate::services::Services;

/// How soon a client gets its answer although the api that had its upload was killed.
const BOUND: Duration = Duration::from_secs(60);

#[tokio::test]
async fn an_upload_whose_api_was_killed_is_repeated_at_another_one_within_a_minute() {
    let services = Services::new().await;
    let (_api, base) = services.api().await;
    let gate = Gate::closed();
    let storage = services.objects.url_at(gate.address);
    let passage = gate.open(services.objects.server());
    let (mut doomed, doomed_base) =
        services.api_with([("STORAGE_URL", &storage), ("RESIZINATOR_UPLOAD_TIMEOUT", "60")]).await;
    let user = User::new(&base).await;
    let photo = pictures::photo(640, 480);
    // The put of this upload never ends.
    passage.block();
    let at_doomed = user.at(&doomed_base);
    let (name, bytes) = ("photo.jpg", photo.clone());
    let first = tokio::spawn(async move { at_doomed.upload_with_key("a-key", name, bytes).await });
    eventually("the upload is received", async || (services.rows().await == 1).then_some(())).await;
    doomed.kill();
    let killed = Instant::now();
    assert!(first.await.expect("no panic").is_err(), "the client gets no answer");

    let record = eventually("the key is free", async || {
        let (status, body) = user.upload_with_key("a-key", name, photo.clone()).await.expect("an answer");
        assert!(matches!(status, StatusCode::CREATED | StatusCode::CONFLICT), "{status}: {body}");
        (status == StatusCode::CREATED).then_some(body)
    })
    .await;
    assert!(killed.elapsed() < BOUND, "{:?}", killed.elapsed());
    let (status, again) = user.upload_with_key("a-key", name, photo).await.expect("an answer");
    assert_eq!((status, &again["id"]), (StatusCode::CREATED, &record["id"]));
    let _worker = services.worker();
    services.assert_one_set_of_objects(&user, &[record["id"].as_i64().expect("an id")]).await;
}
