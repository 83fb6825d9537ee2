//! Tests of the api and the worker as separate services.

use image::ImageFormat;

use crate::client::User;
use crate::pictures;
use crate::services::Services;

#[tokio::test]
async fn an_upload_to_the_api_gets_its_variants_from_the_worker() {
    let services = Services::new().await;
    let ((mut api, base), mut worker) = (services.api().await, services.worker());
    let user = User::new(&base).await;
    let photo = pictures::photo(1601, 1203);
    let record = user.upload("photo.jpg", photo.clone()).await;
    let id = record["id"].as_i64().expect("an id");
    let record = user.until_ready(id).await;
    pictures::check(&user, &record, &photo, ImageFormat::Jpeg).await;
    services.assert_one_set_of_objects(&user, &[id]).await;

    assert!(worker.terminate().await.success());
    assert!(api.terminate().await.success());
    for log in [api.log(), worker.log()] {
        assert!(!log.contains(&user.token) && !log.contains("X-Amz-Signature"), "the log holds a secret");
        assert!(!log.contains(" ERROR "), "a day without troubles: {log}");
    }
}

#[tokio::test]
async fn what_is_uploaded_while_no_worker_runs_is_finished_by_the_next() {
    let services = Services::new().await;
    let ((_api, base), mut worker) = (services.api().await, services.worker());
    let user = User::new(&base).await;
    worker.until_log_has("consuming from").await;
    assert!(worker.terminate().await.success());

    let ids = user.upload_photos(3).await;
    services.broker.until_messages("images.resize", 3).await;
    let _worker = services.worker();
    services.assert_one_set_of_objects(&user, &ids).await;
}

#[tokio::test]
async fn a_worker_that_is_stopped_at_work_finishes_it_and_hands_back_the_rest() {
    let services = Services::new().await;
    let ((_api, base), mut worker) = (services.api().await, services.worker());
    let user = User::new(&base).await;
    let ids = user.upload_photos(8).await;
    worker.until_a_job_is_done().await;
    assert!(worker.terminate().await.success());

    let _worker = services.worker();
    services.assert_one_set_of_objects(&user, &ids).await;
}
