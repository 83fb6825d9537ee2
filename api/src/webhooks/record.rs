//! A webhook as its user sees it.

use chrono::{DateTime, Utc};
use resizinator_shared::ids::WebhookId;
use resizinator_shared::image::rfc3339_micros;
use resizinator_shared::metadata::Webhook;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A webhook.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookRecord {
    #[schema(value_type = i64, minimum = 1)]
    id: WebhookId,
    /// The URL that events are posted to.
    #[schema(format = "uri")]
    url: String,
    /// Whether events are delivered.
    enabled: bool,
    /// Why no events are delivered any more, as a sentence; null as long as it is enabled.
    #[schema(required)]
    disabled_reason: Option<String>,
    /// Since when every try has failed; null if the last one has not.
    #[serde(serialize_with = "optional_time")]
    #[schema(required)]
    failing_since: Option<DateTime<Utc>>,
    #[serde(serialize_with = "rfc3339_micros")]
    created_at: DateTime<Utc>,
}

/// A webhook with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookWithSecret {
    #[serde(flatten)]
    webhook: WebhookRecord,
    /// The secret that signs: `whsec_` and Base64.
    secret: String,
}

impl From<Webhook> for WebhookRecord {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            url: webhook.url,
            enabled: webhook.disabled_at.is_none(),
            disabled_reason: webhook.disabled_reason,
            failing_since: webhook.failing_since,
            created_at: webhook.created_at,
        }
    }
}

impl WebhookWithSecret {
    pub(crate) fn of(webhook: Webhook, secret: String) -> Self {
        Self { webhook: webhook.into(), secret }
    }
}

/// A time as all others are written, or null.
pub(crate) fn optional_time<S: Serializer>(
    time: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => rfc3339_micros(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// A webhook for the description of the api.
pub(crate) fn example() -> Value {
    json!({
        "id": 5,
        "url": "https://hooks.example/images",
        "enabled": true,
        "disabled_reason": null,
        "failing_since": null,
        "created_at": "2024-05-18T18:05:06.009201Z",
    })
}

/// The same with a secret. It is not one that anybody has.
pub(crate) fn example_with_secret() -> Value {
    let mut webhook = example();
    webhook["secret"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into();
    webhook
}
