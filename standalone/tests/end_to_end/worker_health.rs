//! Tests of the health and the metrics of a worker.

use reqwest::StatusCode;
use serde_json::json;

use crate::client::User;
use crate::gate::Gate;
use crate::operators::{METRICS, assert_has, get, metrics, until_metric, until_readiness};
use crate::services::Services;
use crate::services::rabbitmq::MAIN;

#[tokio::test]
async fn a_worker_is_ready_while_it_consumes_and_no_longer() {
    let services = Services::new().await;
    let (_api, base) = services.api().await;
    let gate = Gate::closed();
    let url = services.broker.url_at(gate.address);
    let mut worker = services.start("resizinator-worker", [METRICS, ("QUEUE_URL", &url)]);
    let address = worker.operators_address().await;
    let (status, body) = until_readiness(&address, "jobs", "unavailable").await;
    assert_eq!((status, &body["status"]), (StatusCode::SERVICE_UNAVAILABLE, &"unavailable".into()));
    assert_eq!(get(&address, "healthz").await.0, StatusCode::OK);
    assert!(metrics(&address).await.contains("\nresizinator_worker_consuming 0\n"));

    let passage = gate.open(services.broker.server.clone());
    let (status, body) = until_readiness(&address, "status", "ready").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body, json!({ "status": "ready", "metadata": "ok", "objects": "ok", "jobs": "ok" }));
    let user = User::new(&base).await;
    user.until_all_ready(&user.upload_photos(2).await).await;
    let two = "resizinator_worker_jobs_total{outcome=\"done\",code=\"\"} 2";
    let text = until_metric(&address, two).await;
    assert_has(
        &text,
        &[
            "resizinator_worker_consuming 1",
            "resizinator_worker_slots 1",
            "resizinator_worker_busy_slots 0",
            "resizinator_worker_attempts_sum 2.0",
            "resizinator_worker_job_duration_seconds_count 2",
        ],
    );
    for step in ["queue", "fetch", "decode", "resize", "encode", "store"] {
        assert_has(&text, &[&format!("resizinator_worker_step_duration_seconds_count{{step=\"{step}\"}} 2")]);
    }

    passage.close();
    until_readiness(&address, "jobs", "unavailable").await;
}

#[tokio::test]
async fn a_worker_to_whom_the_broker_gives_no_jobs_ends_for_its_supervisor_to_see() {
    let services = Services::new().await;
    let (_api, _) = services.api().await;
    services.broker.until_messages(MAIN, 0).await;
    let url = services.broker.user_who_may(".*", ".*", "no-queue").await;
    let mut worker = services.start("resizinator-worker", [("QUEUE_URL", &url)]);
    worker.until_log_has("ACCESS_REFUSED").await;
    assert_eq!(worker.ended().await.code(), Some(1));
    assert!(worker.log().contains("the broker answers"), "{}", worker.log());
}

#[tokio::test]
async fn a_worker_without_a_broker_keeps_trying() {
    let services = Services::new().await;
    let gate = Gate::closed();
    let url = services.broker.url_at(gate.address);
    let mut worker = services.start("resizinator-worker", [METRICS, ("QUEUE_URL", &url)]);
    let address = worker.operators_address().await;
    until_readiness(&address, "jobs", "unavailable").await;
    gate.open(services.broker.server.clone());
    until_readiness(&address, "status", "ready").await;
    assert!(worker.terminate().await.success());
}
