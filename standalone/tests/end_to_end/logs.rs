//! Tests of the log as JSON.

use serde_json::Value;

use crate::client::User;
use crate::eventually::eventually;
use crate::pictures;
use crate::process::Process;
use crate::services::Services;

const JSON: (&str, &str) = ("RESIZINATOR_LOG", "json");

/// The lines of a log, each of which has to be an object.
fn lines(process: &Process) -> Vec<Value> {
    let log = process.log();
    let complete = log.rfind('\n').map_or("", |end| &log[..end]);
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    complete.lines().map(parse).collect()
}

/// Waits until the log has a line whose field `field` is `text`, and returns the line.
async fn line(process: &Process, field: &str, text: &str) -> Value {
    eventually(&format!("{} logs {field}: {text}", process.name), async || {
        lines(process).into_iter().find(|line| line[field] == text)
    })
    .await
}

#[tokio::test]
async fn a_request_and_its_job_are_one_json_line_each_with_the_same_request_id() {
    let services = Services::new().await;
    let (api, base) = services.api_with([JSON]).await;
    let worker = services.start("resizinator-worker", [JSON]);
    let user = User::new(&base).await;
    let headers = [
        ("X-Request-Id", "story-1"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ];
    let (_, record) = user.upload_with(&headers, "photo.jpg", pictures::photo(64, 64)).await;

    let request = line(&api, "request_id", "story-1").await;
    assert_eq!((&request["method"], &request["path"]), (&"POST".into(), &"/image/".into()));
    assert_eq!((&request["status"], &request["level"]), (&201.into(), &"info".into()));
    assert!(request["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{request}");
    assert!(request["client"] == "127.0.0.1" && request["time"].is_string(), "{request}");

    let job = line(&worker, "request_id", "story-1").await;
    assert_eq!((&job["image_id"], &job["outcome"]), (&record["id"], &"done".into()));
    assert_eq!((&job["trace_id"], &job["code"]), (&"4bf92f3577b34da6a3ce929d0e0e4736".into(), &Value::Null));
    let message = job["message"].as_str().expect("a message");
    assert!(message.starts_with(&format!("image {} (request story-1", record["id"])), "{message}");
    for process in [&api, &worker] {
        let of_request = lines(process).into_iter().filter(|line| line["request_id"] == "story-1");
        assert_eq!(of_request.count(), 1, "{}", process.log());
    }
}

#[tokio::test]
async fn a_form_that_the_log_cannot_have_stops_the_start_with_a_sentence() {
    let services = Services::new().await;
    let mut api = services.start("resizinator-api", [("RESIZINATOR_LOG", "xml")]);
    assert_eq!(api.ended().await.code(), Some(1));
    assert!(api.log().contains("RESIZINATOR_LOG is \"xml\": plain or json is expected"), "{}", api.log());
}
