//! Tests in which a worker dies at any moment.

use resizinator_shared::image::State;

use crate::client::User;
use crate::gate::Gate;
use crate::pictures;
use crate::services::Services;

#[tokio::test]
async fn every_image_becomes_ready_once_though_workers_are_killed_at_work() {
    let services = Services::new().await;
    let ((_api, base), mut worker) = (services.api().await, services.worker());
    let user = User::new(&base).await;
    let ids = user.upload_photos(10).await;
    for _ in 0..2 {
        worker.until_a_job_is_done().await;
        worker.kill();
        worker = services.worker();
    }
    services.assert_one_set_of_objects(&user, &ids).await;
}

#[tokio::test]
async fn another_worker_takes_over_what_a_killed_one_was_at_work_on() {
    let services = Services::new().await;
    let (_api, base) = services.api().await;
    let gate = Gate::closed();
    let storage = services.objects.url_at(gate.address);
    let passage = gate.open(services.objects.server());
    let mut doomed = services.start("resizinator-worker", [("STORAGE_URL", &storage)]);
    doomed.until_log_has("consuming from").await;
    // The worker then works until it is killed.
    passage.block();
    let user = User::new(&base).await;
    let record = user.upload("photo.jpg", pictures::photo(1601, 1203)).await;
    services.until_state(&record, State::Processing).await;
    doomed.kill();

    let _worker = services.worker();
    services.assert_one_set_of_objects(&user, &[record["id"].as_i64().expect("an id")]).await;
    let row = services.row(&record).await.expect("the row");
    assert_eq!(row.attempts, 2, "the death counts");
}
