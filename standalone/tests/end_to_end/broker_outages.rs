//! Tests of broker outages: whatever happens to the broker, every accepted image is finished.

use std::collections::BTreeMap;
use std::time::Duration;

use resizinator_shared::jobs::JobQueue;

use crate::client::{User, until_status};
use crate::eventually::eventually;
use crate::gate::Gate;
use crate::process::Process;
use crate::services::Services;
use crate::services::rabbitmq::{CONFIGURE, FAILED, MAIN, READ, WRITE};

/// How long a job may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn jobs_that_are_purged_at_the_broker_are_published_again() {
    let services = Services::new().await;
    let (_api, base) = services.api().await;
    let user = User::new(&base).await;
    let ids = user.upload_photos(3).await;
    services.broker.until_messages(MAIN, 3).await;
    services.broker.purge(MAIN).await;

    let _worker = services.worker();
    services.assert_one_set_of_objects(&user, &ids).await;
}

#[tokio::test]
async fn a_queue_that_is_deleted_with_its_jobs_is_made_and_filled_again() {
    let services = Services::new().await;
    let (_api, base) = services.api().await;
    let user = User::new(&base).await;
    let ids = user.upload_photos(3).await;
    services.broker.until_messages(MAIN, 3).await;
    services.broker.delete_queue(MAIN).await;

    let _worker = services.worker();
    services.assert_one_set_of_objects(&user, &ids).await;
}

/// The shortest lease that can be set. Lost jobs are published again when two leases have passed.
const SHORT_LEASE: [(&str, &str); 1] = [("RESIZINATOR_LEASE", "1")];

/// Waits until upkeep, which runs every second, has compared `jobs` waiting jobs with the queue so often that it
/// would have published lost ones again.
async fn until_compared(api: &Process, jobs: usize) {
    let line = format!("{jobs} jobs have waited for a lease, and the queue has ");
    eventually("upkeep compares rows and messages", async || {
        (api.log().matches(&line).count() >= 4).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_backlog_without_workers_is_never_copied() {
    let services = Services::new().await;
    let (api, base) = services.api_with(SHORT_LEASE).await;
    User::new(&base).await.upload_photos(3).await;
    until_compared(&api, 3).await;
    assert_eq!(services.broker.messages(MAIN, 10).await.len(), 3);
}

#[tokio::test]
async fn of_ten_thousand_jobs_two_apis_queue_each_once_and_few_at_a_time() {
    let services = Services::new().await;
    // Jobs that are taken and not done count as lost only after that.
    let long_lease = [("RESIZINATOR_LEASE", "600")];
    let (_api, base) = services.api_with(long_lease).await;
    let (_other, _) = services.api_with(long_lease).await;
    let user = User::new(&base).await;
    let record = user.upload("photo.jpg", crate::pictures::photo(64, 64)).await;
    services.insert_unqueued(record["user"].as_i64().expect("a user"), 9_999).await;
    eventually("the queue is full", async || (services.broker.ready(MAIN).await >= 16).then_some(())).await;
    let queue = services.broker.queue();
    let mut consumer = queue.consume(10).await.expect("a consumer");
    let mut taken = BTreeMap::new();
    while taken.len() < 10_000 {
        let delivery = tokio::time::timeout(PATIENCE, consumer.next()).await;
        let delivery = delivery.unwrap_or_else(|_| panic!("{} of 10,000 jobs came", taken.len()));
        *taken.entry(delivery.job.image_id).or_insert(0) += 1;
        delivery.settle.ack().await.expect("takes it");
        let ready = queue.ready().await.expect("a length");
        // Two apis look on their own, and what they publish at the same moment adds up.
        assert!(ready <= 250, "{ready} jobs are ready at a time");
    }
    let more: i32 = taken.values().sum::<i32>() - 10_000;
    assert!(more <= 100, "{more} jobs came twice");
}

#[tokio::test]
async fn users_who_may_declare_nothing_are_enough_once_the_queues_are_there() {
    let services = Services::new().await;
    let (mut administrator, _) = services.api().await;
    services.broker.until_messages(MAIN, 0).await;
    services.broker.until_exchange("images.events").await;
    assert!(administrator.terminate().await.success());

    let url = services.broker.user_who_may(CONFIGURE, WRITE, READ).await;
    let mut api = services.start("resizinator-api", [("QUEUE_URL", &url)]);
    let base = api.address().await;
    until_status(&base, "ready").await;
    let mut worker = services.start("resizinator-worker", [("QUEUE_URL", &url)]);
    let user = User::new(&base).await;
    let ids = user.upload_photos(3).await;
    services.assert_one_set_of_objects(&user, &ids).await;
    let broken = user.upload("broken.webp", crate::pictures::undecodable()).await;
    let failed = services.broker.until_messages(FAILED, 1).await;
    assert_eq!(failed[0]["properties"]["correlation_id"], format!("image-{}", broken["id"]));
    for process in [&mut api, &mut worker] {
        assert!(!process.log().contains("ACCESS_REFUSED"), "{}", process.log());
        assert!(process.terminate().await.success());
    }
}

#[tokio::test]
async fn a_wiped_broker_heals_from_the_rows() {
    let services = Services::new().await;
    let ((_api, base), _worker) = (services.api().await, services.worker());
    let user = User::new(&base).await;
    let mut ids = user.upload_photos(6).await;
    services.broker.wipe().await;
    ids.extend(user.upload_photos(2).await);
    services.assert_one_set_of_objects(&user, &ids).await;
    until_status(&base, "ready").await;
}

#[tokio::test]
async fn uploads_are_accepted_while_the_broker_is_away_and_processed_when_it_is_back() {
    let services = Services::new().await;
    let gate = Gate::closed();
    let url = services.broker.url_at(gate.address);
    let mut api = services.start("resizinator-api", [("QUEUE_URL", &url)]);
    let base = api.address().await;
    let _worker = services.start("resizinator-worker", [("QUEUE_URL", &url)]);
    let answer = until_status(&base, "degraded").await;
    assert_eq!(answer["jobs"], "unavailable");
    let user = User::new(&base).await;
    let ids = user.upload_photos(3).await;
    assert!(user.record(ids[0]).await.expect("the record")["small"].is_null());

    gate.open(services.broker.server.clone());
    services.assert_one_set_of_objects(&user, &ids).await;
    until_status(&base, "ready").await;
}
