//! The JSON text of a message, in the form of Standard Webhooks.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use resizinator_shared::ids::WebhookId;
use resizinator_shared::image::rfc3339_micros;
use resizinator_shared::image_event::{ImageEvent, ImageEventRecord};
use serde::Serialize;

/// The `type` of the message of a test.
pub(crate) const TEST: &str = "test";

#[derive(Serialize)]
struct Body<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    /// When it happened, which is the same in every try.
    #[serde(serialize_with = "rfc3339_micros")]
    timestamp: DateTime<Utc>,
    data: T,
}

#[derive(Serialize)]
struct TestData {
    webhook: WebhookId,
}

/// The text that tells an event.
pub(super) fn of_event(event: &ImageEvent) -> Bytes {
    text(&Body { kind: event.kind.full_name(), timestamp: event.at, data: ImageEventRecord::from(event) })
}

/// The text of a test, which names the webhook.
pub(crate) fn of_test(webhook: WebhookId, at: DateTime<Utc>) -> Bytes {
    text(&Body { kind: TEST, timestamp: at, data: TestData { webhook } })
}

fn text(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body).expect("all keys are texts").into()
}

#[cfg(test)]
mod tests {
    use resizinator_shared::failure_code::{FailureCode, RecordedCode};
    use resizinator_shared::image_event::ImageEventKind;
    use resizinator_shared::testing::id;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_message_has_a_type_a_time_and_the_event() {
        let at = DateTime::parse_from_rfc3339("2024-05-18T18:05:07.341906Z").expect("a time").to_utc();
        let event = ImageEvent {
            id: id(17),
            user_id: id(7),
            image_id: id(42),
            kind: ImageEventKind::Failed,
            code: Some(RecordedCode::Known(FailureCode::DecodeFailed)),
            at,
        };
        let body: Value = serde_json::from_slice(&of_event(&event)).expect("JSON");
        let data = json!({
            "id": 17, "type": "failed", "image_id": 42, "state": "failed", "code": "decode_failed",
            "at": "2024-05-18T18:05:07.341906Z",
        });
        let expected =
            json!({ "type": "image.failed", "timestamp": "2024-05-18T18:05:07.341906Z", "data": data });
        assert_eq!(body, expected);
    }
}
