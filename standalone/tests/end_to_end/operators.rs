//! The endpoints for operators, as a monitoring system asks them.

use reqwest::{Client, StatusCode};
use serde_json::Value;

use crate::eventually::eventually;

/// The setting that makes a process serve them, at a port of its own.
pub(crate) const METRICS: (&str, &str) = ("RESIZINATOR_METRICS_LISTEN", "127.0.0.1:0");

pub(crate) async fn get(address: &str, path: &str) -> (StatusCode, String) {
    let answer = Client::new().get(format!("{address}/{path}")).send().await.expect("an answer");
    (answer.status(), answer.text().await.expect("a body"))
}

/// The metrics as text, with a line for each.
pub(crate) async fn metrics(address: &str) -> String {
    let (status, text) = get(address, "metrics").await;
    assert!(status.is_success() && text.ends_with("# EOF\n"), "{status} {text}");
    text
}

/// Waits until this line is among the metrics, and returns all of them.
pub(crate) async fn until_metric(address: &str, line: &str) -> String {
    eventually(&format!("the metrics have {line}"), async || {
        let text = metrics(address).await;
        text.contains(&format!("\n{line}\n")).then_some(text)
    })
    .await
}

/// Waits until `readyz` has this field.
pub(crate) async fn until_readiness(address: &str, name: &str, value: &str) -> (StatusCode, Value) {
    eventually(&format!("readyz says {name}: {value}"), async || {
        let (status, body) = get(address, "readyz").await;
        let body: Value = serde_json::from_str(&body).expect("JSON");
        (body[name] == value).then_some((status, body))
    })
    .await
}

/// Asserts that these lines are among the metrics.
pub(crate) fn assert_has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.contains(&format!("\n{line}\n")), "{line} is not in\n{text}");
    }
}
