use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use resizinator_shared::ids::{ImageEventId, ImageId};
use resizinator_shared::image::rfc3339_micros;
use resizinator_shared::metadata::WebhookDelivery;
use serde::Serialize;
use utoipa::ToSchema;

use super::webhook_id::webhook_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::openapi::refuses;
use crate::state::ApiState;

/// What became of a message in all its tries.
#[derive(Serialize, ToSchema)]
struct DeliveryRecord {
    /// The header `webhook-id`, which is the same in every try.
    message_id: String,
    /// The `type` of the message: `image.` and what happened to the image, or `test`.
    #[serde(rename = "type")]
    kind: String,
    /// The id of the event; null for a test.
    #[schema(value_type = Option<i64>, required, minimum = 1)]
    event_id: Option<ImageEventId>,
    /// The id of the image; null for a test.
    #[schema(value_type = Option<i64>, required, minimum = 1)]
    image: Option<ImageId>,
    /// Whether the target has it.
    delivered: bool,
    /// The status of the last answer; null if there was none.
    #[schema(required)]
    status: Option<i32>,
    /// What went wrong in the last try; null if it was delivered.
    #[schema(required)]
    error: Option<String>,
    tries: i32,
    /// When it was first sent.
    #[serde(serialize_with = "rfc3339_micros")]
    created_at: DateTime<Utc>,
    /// When it was last sent.
    #[serde(serialize_with = "rfc3339_micros")]
    tried_at: DateTime<Utc>,
}

impl From<WebhookDelivery> for DeliveryRecord {
    fn from(delivery: WebhookDelivery) -> Self {
        Self {
            message_id: delivery.message_id,
            kind: delivery.kind,
            event_id: delivery.event_id,
            image: delivery.image_id,
            delivered: delivery.delivered,
            status: delivery.status,
            error: delivery.error,
            tries: delivery.tries,
            created_at: delivery.created_at,
            tried_at: delivery.tried_at,
        }
    }
}

/// The last deliveries of a webhook, in the form of one page.
#[derive(Serialize, ToSchema)]
struct DeliveryPage {
    count: usize,
    /// There is only one page.
    next: (),
    /// There is only one page.
    previous: (),
    results: Vec<DeliveryRecord>,
}

refuses! {
    "no such webhook" => ApiError::NoSuchWebhook,
}

/// `GET user/webhooks/<id>/deliveries/`: answers 200 with the last 100 deliveries, the newest message first; 404 if the
/// user has no such webhook.
#[utoipa::path(
    get,
    path = "/user/webhooks/{webhook}/deliveries/",
    operation_id = "list_deliveries",
    tag = "webhooks",
    summary = "List what became of the last messages of a webhook",
    params(("webhook" = i64, Path, minimum = 1, description = "The id of the webhook, as the list has it.", example = 5)),
    responses(
        (
            status = 200,
            description = "The last 100 messages, the newest first, in the form of one page.",
            body = DeliveryPage,
            headers(("Cache-Control" = String, description = "The list is for the user alone.")),
            example = json!({
                "count": 1,
                "next": null,
                "previous": null,
                "results": [{
                    "message_id": "evt_17",
                    "type": "image.ready",
                    "event_id": 17,
                    "image": 42,
                    "delivered": false,
                    "status": 500,
                    "error": "The host answered with status 500.",
                    "tries": 2,
                    "created_at": "2024-05-18T18:05:07.361806Z",
                    "tried_at": "2024-05-18T18:05:12.210931Z",
                }],
            }),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let deliveries = state.backends.metadata.webhook_deliveries(user.id, webhook_id(&request)?).await?;
    let deliveries = deliveries.ok_or(ApiError::NoSuchWebhook)?;
    let results: Vec<_> = deliveries.into_iter().map(DeliveryRecord::from).collect();
    let page = DeliveryPage { count: results.len(), next: (), previous: (), results };
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "private, no-cache")).json(page))
}
