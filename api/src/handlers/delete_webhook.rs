use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::webhook_id::webhook_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::openapi::refuses;
use crate::state::ApiState;

refuses! {
    "no such webhook" => ApiError::NoSuchWebhook,
}

/// `DELETE user/webhooks/<id>/`: deletes a webhook and answers 204; 404 if the user has no such webhook.
#[utoipa::path(
    delete,
    path = "/user/webhooks/{webhook}/",
    operation_id = "delete_webhook",
    tag = "webhooks",
    summary = "Delete a webhook",
    description = "A message that is being sent may still arrive; none is sent after it.",
    params(("webhook" = i64, Path, minimum = 1, description = "The id of the webhook, as the list has it.", example = 5)),
    responses((status = 204, description = "The webhook is deleted, with the list of its deliveries."), Refusals),
)]
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    if !state.backends.metadata.delete_webhook(user.id, webhook_id(&request)?).await? {
        return Err(ApiError::NoSuchWebhook);
    }
    Ok(HttpResponse::NoContent().finish())
}
