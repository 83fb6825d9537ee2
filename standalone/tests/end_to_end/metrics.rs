//! Tests of the metrics of an api, and of one process.

use reqwest::StatusCode;

use crate::client::User;
use crate::gate::Gate;
use crate::one_process::OneProcess;
use crate::operators::{METRICS, assert_has, get, metrics, until_metric, until_readiness};
use crate::pictures;
use crate::process::environment;
use crate::services::Services;

/// The value of a metric without labels.
fn value(text: &str, metric: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(metric)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{metric} is not in\n{text}")).parse().expect("a number")
}

#[tokio::test]
async fn an_api_says_how_old_the_oldest_unfinished_image_is_until_it_is_finished() {
    let services = Services::new().await;
    let (mut api, base) = services.api_with([METRICS]).await;
    let address = api.operators_address().await;
    let oldest = "resizinator_oldest_unfinished_image_age_seconds";
    assert_eq!(value(&metrics(&address).await, oldest), 0.0);

    let user = User::new(&base).await;
    let ids = user.upload_photos(2).await;
    let confirmed = "resizinator_messages_published_total{queue=\"images.resize\",outcome=\"confirmed\"} 2";
    until_metric(&address, confirmed).await;
    let text = until_metric(&address, "resizinator_queue_messages{queue=\"main\"} 2").await;
    let lines = [
        "resizinator_unqueued_images 0",
        "resizinator_api_requests_total{method=\"POST\",route=\"/image/\",status=\"201\"} 2",
        "resizinator_api_upload_size_bytes_count 2",
        "resizinator_api_upload_duration_seconds_count 2",
        "resizinator_api_backend_up{backend=\"metadata\"} 1",
        "resizinator_api_backend_up{backend=\"objects\"} 1",
        "resizinator_api_backend_up{backend=\"jobs\"} 1",
        "resizinator_broker_connected{purpose=\"publish\"} 1",
        "resizinator_build_info{program=\"resizinator-api\",version=\"0.1.0\"} 1",
    ];
    assert_has(&text, &lines);
    assert!(value(&text, oldest) > 0.0);
    assert!(value(&text, "process_resident_memory_bytes") > 1e6);
    assert!(value(&text, "process_cpu_seconds_total") > 0.0);
    assert!(value(&text, "resizinator_database_clock_offset_seconds").abs() < 30.0);

    let _worker = services.worker();
    user.until_all_ready(&ids).await;
    until_metric(&address, &format!("{oldest} 0.0")).await;
}

#[tokio::test]
async fn what_is_not_known_while_a_backend_is_away_is_absent_and_readyz_names_the_problem() {
    let services = Services::new().await;
    let gate = Gate::closed();
    let mut api =
        services.start("resizinator-api", [METRICS, ("QUEUE_URL", &services.broker.url_at(gate.address))]);
    let address = api.operators_address().await;
    let (status, body) = until_readiness(&address, "status", "degraded").await;
    assert_eq!(status, StatusCode::OK);
    let problem = body["problems"]["jobs"].as_str().expect("a sentence");
    assert!(problem.contains("Connection refused"), "{problem}");

    let text = until_metric(&address, "resizinator_api_backend_up{backend=\"jobs\"} 0").await;
    assert!(!text.contains("\nresizinator_queue_messages{"), "{text}");
    assert!(text.contains("\nresizinator_oldest_unfinished_image_age_seconds 0.0\n"), "{text}");
    let _passage = gate.open(services.broker.server.clone());
    until_metric(&address, "resizinator_queue_messages{queue=\"main\"} 0").await;
}

#[tokio::test]
async fn a_refusal_is_counted_by_its_limit_and_no_text_of_a_client_becomes_a_label() {
    let services = Services::new().await;
    let (mut api, base) = services.api_with([METRICS, ("RESIZINATOR_MAX_IMAGES_PER_USER", "0")]).await;
    let address = api.operators_address().await;
    let user = User::new(&base).await;
    let (status, _) = user.answer_to_upload("a.jpg", pictures::photo(8, 8)).await.expect("an answer");
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, _) = get(&base, "no-such-path/that-a-client-chose").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let text = until_metric(&address, "resizinator_api_refusals_total{limit=\"quota\"} 1").await;
    let unknown = "resizinator_api_requests_total{method=\"GET\",route=\"unknown\",status=\"404\"} 1";
    assert_has(&text, &[unknown]);
    assert!(!text.contains("no-such-path"), "{text}");
}

#[tokio::test]
async fn one_process_has_the_metrics_of_both_parts_once_each() {
    let mut one = OneProcess::with(environment([METRICS])).await;
    let address = one.process.operators_address().await;
    let user = User::new(&one.base).await;
    user.until_all_ready(&user.upload_photos(1).await).await;
    let text = until_metric(&address, "resizinator_worker_jobs_total{outcome=\"done\",code=\"\"} 1").await;
    for metric in [
        "resizinator_build",
        "process_cpu_seconds",
        "resizinator_database_connections",
        "resizinator_api_requests",
    ] {
        let described = text.matches(&format!("# TYPE {metric} ")).count();
        assert_eq!(described, 1, "{metric} in\n{text}");
    }
    let (status, body) = get(&address, "readyz").await;
    assert_eq!(
        (status, body.as_str()),
        (StatusCode::OK, r#"{"jobs":"ok","metadata":"ok","objects":"ok","status":"ready"}"#)
    );
}
