//! Tests of the ids of a request, which lead from an upload to its image's row, its job and the logs.

use resizinator_shared::image::{Image, State};
use resizinator_shared::trace::{RequestId, TraceParent};
use serde_json::Value;

use crate::client::User;
use crate::pictures;
use crate::services::Services;
use crate::services::rabbitmq::{FAILED, MAIN};

const REQUEST_ID: &str = "story-1";
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// The headers of a client that has ids of its own.
const HEADERS: [(&str, &str); 2] = [("X-Request-Id", REQUEST_ID), ("traceparent", TRACEPARENT)];

/// The request id and the `traceparent` in a row.
fn ids(row: &Image) -> (Option<&str>, Option<&str>) {
    (row.trace.request_id.as_ref().map(RequestId::as_str), row.trace.parent.as_ref().map(TraceParent::as_str))
}

/// The request id and the `traceparent` in the headers of a message.
fn headers(message: &Value) -> (Option<&str>, Option<&str>) {
    let headers = &message["properties"]["headers"];
    (headers["x-request-id"].as_str(), headers["traceparent"].as_str())
}

#[tokio::test]
async fn the_ids_of_a_request_lead_from_its_upload_to_the_row_the_job_and_the_logs() {
    let services = Services::new().await;
    let (api, base) = services.api().await;
    let user = User::new(&base).await;
    let photo = pictures::photo(64, 64);
    let (answered, record) = user.upload_with(&HEADERS, "photo.jpg", photo).await;
    assert_eq!(answered, REQUEST_ID);

    let expected = (Some(REQUEST_ID), Some(TRACEPARENT));
    assert_eq!(ids(&services.row(&record).await.expect("the row")), expected);
    assert_eq!(headers(&services.broker.until_messages(MAIN, 1).await[0]), expected);
    api.until_log_has(" id=story-1").await;

    let worker = services.worker();
    let trace = "trace 4bf92f3577b34da6a3ce929d0e0e4736";
    worker.until_log_has(&format!("image {} (request story-1, {trace}): done after ", record["id"])).await;
    services.until_state(&record, State::Ready).await;
    assert_eq!(ids(&services.row(&record).await.expect("the row")), expected);
}

#[tokio::test]
async fn an_upload_without_ids_gets_a_random_one_which_the_answer_names() {
    let services = Services::new().await;
    let (api, base) = services.api().await;
    let user = User::new(&base).await;
    let (first, record) = user.upload_with(&[], "photo.jpg", pictures::photo(64, 64)).await;

    let expected = (Some(first.as_str()), None);
    assert_eq!(ids(&services.row(&record).await.expect("the row")), expected);
    assert_eq!(headers(&services.broker.until_messages(MAIN, 1).await[0]), expected);
    api.until_log_has(&format!(" id={first}")).await;
    let (second, _) = user.upload_with(&[], "photo.jpg", pictures::photo(64, 64)).await;
    assert_ne!(first, second);

    let worker = services.worker();
    worker.until_log_has(&format!("image {} (request {first}): done after ", record["id"])).await;
}

#[tokio::test]
async fn the_job_of_a_file_that_fails_keeps_the_ids_of_its_request_in_the_failed_queue() {
    let services = Services::new().await;
    let ((_api, base), worker) = (services.api().await, services.worker());
    let user = User::new(&base).await;
    let (_, record) = user.upload_with(&HEADERS, "broken.webp", pictures::undecodable()).await;

    let failed = services.broker.until_messages(FAILED, 1).await;
    assert_eq!(headers(&failed[0]), (Some(REQUEST_ID), Some(TRACEPARENT)));
    let trace = "trace 4bf92f3577b34da6a3ce929d0e0e4736";
    worker.until_log_has(&format!("image {} (request story-1, {trace}): failed: ", record["id"])).await;
}
