//! Tests of the health and the metrics of a worker.

use reqwest::{Client, StatusCode};
use serde_json::Value;

use crate::client::User;
use crate::eventually::eventually;
use crate::gate::Gate;
use crate::services::Services;
use crate::services::rabbitmq::MAIN;

const HEALTH: (&str, &str) = ("RESIZINATOR_WORKER_LISTEN", "127.0.0.1:0");

#[tokio::test]
async fn a_worker_is_ready_while_it_consumes_and_no_longer() {
    let services = Services::new().await;
    let (_api, base) = services.api().await;
    let gate = Gate::closed();
    let url = services.broker.url_at(gate.address);
    let mut worker = services.start("resizinator-worker", [HEALTH, ("QUEUE_URL", &url)]);
    let address = worker.address().await;
    let (status, body) = until_readiness(&address, "jobs", "unavailable").await;
    assert_eq!((status, &body["status"]), (StatusCode::SERVICE_UNAVAILABLE, &"unavailable".into()));
    assert_eq!(get(&address, "healthz").await.0, StatusCode::OK);
    assert!(metrics(&address).await.contains("\nresizinator_worker_consuming 0\n"));

    let passage = gate.open(services.broker.server.clone());
    let (status, body) = until_readiness(&address, "status", "ready").await;
    assert_eq!((status, &body["jobs"], &body["stores"]), (StatusCode::OK, &"ok".into(), &"ok".into()));
    let user = User::new(&base).await;
    user.until_all_ready(&user.upload_photos(2).await).await;
    let text = eventually("two jobs are counted", async || {
        let text = metrics(&address).await;
        text.contains("\nresizinator_worker_jobs_total{outcome=\"done\"} 2\n").then_some(text)
    })
    .await;
    for line in
        ["resizinator_worker_consuming 1", "resizinator_worker_slots 1", "resizinator_worker_busy_slots 0"]
    {
        assert!(text.contains(&format!("\n{line}\n")), "{line} is not in\n{text}");
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
    let mut worker = services.start("resizinator-worker", [HEALTH, ("QUEUE_URL", &url)]);
    let address = worker.address().await;
    until_readiness(&address, "jobs", "unavailable").await;
    gate.open(services.broker.server.clone());
    until_readiness(&address, "status", "ready").await;
    assert!(worker.terminate().await.success());
}

async fn until_readiness(address: &str, name: &str, value: &str) -> (StatusCode, Value) {
    eventually(&format!("readyz says {name}: {value}"), async || {
        let (status, body) = get(address, "readyz").await;
        let body: Value = serde_json::from_str(&body).expect("JSON");
        (body[name] == value).then_some((status, body))
    })
    .await
}

async fn metrics(address: &str) -> String {
    let (status, text) = get(address, "metrics").await;
    assert!(status.is_success() && text.ends_with("# EOF\n"), "{status} {text}");
    text
}

async fn get(address: &str, path: &str) -> (StatusCode, String) {
    let answer = Client::new().get(format!("{address}/{path}")).send().await.expect("an answer");
    (answer.status(), answer.text().await.expect("a body"))
}
