use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::webhook_id::webhook_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::openapi::refuses;
use crate::state::ApiState;
use crate::webhooks::record::{WebhookRecord, example};

refuses! {
    "no such webhook" => ApiError::NoSuchWebhook,
}

/// `POST user/webhooks/<id>/enable/`: lets a webhook go on and answers 200; 404 if the user has no such webhook.
#[utoipa::path(
    post,
    path = "/user/webhooks/{webhook}/enable/",
    operation_id = "enable_webhook",
    tag = "webhooks",
    summary = "Let a webhook go on where it stopped",
    description = "Events of the last day are delivered that were not before, at once. It also ends the pause of a webhook that is enabled and fails.",
    params(("webhook" = i64, Path, minimum = 1, description = "The id of the webhook, as the list has it.", example = 5)),
    responses(
        (
            status = 200,
            description = "The webhook, which is enabled.",
            body = WebhookRecord,
            headers(("Cache-Control" = String, description = "The answer is for the user alone.")),
            example = json!(example()),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let webhook = state.backends.metadata.enable_webhook(user.id, webhook_id(&request)?).await?;
    let webhook = WebhookRecord::from(webhook.ok_or(ApiError::NoSuchWebhook)?);
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "private, no-cache")).json(webhook))
}
