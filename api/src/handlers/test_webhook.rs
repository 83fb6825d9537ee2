use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::metadata::Try;
use serde::Serialize;
use utoipa::ToSchema;

use super::webhook_id::webhook_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::metrics::Limit;
use crate::openapi::refuses;
use crate::state::ApiState;
use crate::webhooks::attempt::{attempt, error, status};
use crate::webhooks::body;
use crate::webhooks::slots::{MOST, MOST_OF_USER, NoRoom};

/// What became of a test.
#[derive(Serialize, ToSchema)]
struct TestOutcome {
    /// The header `webhook-id` of the message.
    message_id: String,
    /// Whether the target has the message: it answered with a status of 2xx.
    delivered: bool,
    /// The status of the answer; null if there was none.
    #[schema(required)]
    status: Option<u16>,
    /// What went wrong; null if the message was delivered.
    #[schema(required)]
    error: Option<String>,
}

refuses! {
    "no such webhook" => ApiError::NoSuchWebhook,
    "too many at once" => no_room(NoRoom::OfUser),
    "busy" => no_room(NoRoom::OfAll),
}

/// `POST user/webhooks/<id>/test/`: sends a message of the type `test` and answers 200 with what became of it; 404 if the
/// user has no such webhook, 429 or 503 if there is no room for one more delivery.
#[utoipa::path(
    post,
    path = "/user/webhooks/{webhook}/test/",
    operation_id = "test_webhook",
    tag = "webhooks",
    summary = "Send a test to a webhook",
    description = "The message has the type `test`. The answer comes after that of the target, at most 15 seconds later. A test neither enables nor disables a webhook.",
    params(("webhook" = i64, Path, minimum = 1, description = "The id of the webhook, as the list has it.", example = 5)),
    responses(
        (
            status = 200,
            description = "What became of the message. The list of deliveries has it too.",
            body = TestOutcome,
            headers(("Cache-Control" = String, description = "The answer is for the user alone.")),
            example = json!({
                "message_id": "test_0f8fad5bd9cb469fa16570867728950e",
                "delivered": true,
                "status": 204,
                "error": null,
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
    let id = webhook_id(&request)?;
    let metadata = &state.backends.metadata;
    let address = metadata.webhook_address(user.id, id).await?.ok_or(ApiError::NoSuchWebhook)?;
    let room = state.webhooks.slots.take(user.id).map_err(no_room)?;
    let message_id = format!("test_{}", hex::encode(rand::random::<[u8; 16]>()));
    let now = metadata.now().await?;
    let outcome = attempt(&state, &address, &message_id, now, body::of_test(id, now)).await;
    drop(room);
    let (status, error) = (status(&outcome), error(&outcome));
    let tried =
        Try { message_id: &message_id, kind: body::TEST, event: None, status, error: error.as_deref() };
    if !metadata.record_webhook_test(user.id, id, &tried).await? {
        return Err(ApiError::NoSuchWebhook);
    }
    let outcome = TestOutcome { message_id, delivered: error.is_none(), status, error };
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "private, no-cache")).json(outcome))
}

fn no_room(no_room: NoRoom) -> ApiError {
    match no_room {
        NoRoom::OfUser => ApiError::TooMany(
            Limit::DeliveriesPerUser,
            format!(
                "The limit max_deliveries_per_user is {MOST_OF_USER} at a time, and you have {MOST_OF_USER} running."
            ),
        ),
        NoRoom::OfAll => ApiError::Busy(
            Limit::Deliveries,
            format!("The limit max_deliveries is {MOST} at a time, and {MOST} are running."),
        ),
    }
}
