use std::time::Duration;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::webhook_id::webhook_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::openapi::refuses;
use crate::state::ApiState;
use crate::webhooks::WebhookSecret;
use crate::webhooks::record::{WebhookWithSecret, example_with_secret};

/// How long the secret signs too that was replaced.
const OVERLAP: Duration = Duration::from_secs(24 * 3600);

refuses! {
    "no such webhook" => ApiError::NoSuchWebhook,
}

/// `POST user/webhooks/<id>/rotate/`: gives a webhook a new secret and answers 200 with it; 404 if the user has no such
/// webhook.
#[utoipa::path(
    post,
    path = "/user/webhooks/{webhook}/rotate/",
    operation_id = "rotate_webhook",
    tag = "webhooks",
    summary = "Get a new secret for a webhook",
    description = "The secret that it replaces signs too for 24 hours, and the one before that not any more.",
    params(("webhook" = i64, Path, minimum = 1, description = "The id of the webhook, as the list has it.", example = 5)),
    responses(
        (
            status = 200,
            description = "The webhook, with the new secret, which is shown this once.",
            body = WebhookWithSecret,
            headers(("Cache-Control" = String, description = "Nobody may store the secret on the way.")),
            example = json!(example_with_secret()),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let secret = WebhookSecret::random().expose();
    let metadata = &state.backends.metadata;
    let webhook = metadata.rotate_webhook(user.id, webhook_id(&request)?, &secret, OVERLAP).await?;
    let webhook = WebhookWithSecret::of(webhook.ok_or(ApiError::NoSuchWebhook)?, secret);
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(webhook))
}
