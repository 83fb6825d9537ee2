//! The id in the path `user/webhooks/<id>/`.

use actix_web::HttpRequest;
use resizinator_shared::ids::WebhookId;

use crate::error::ApiError;

/// Reads the id. The route takes only digits. A number that no webhook can have counts as the id of a missing one.
pub(crate) fn webhook_id(request: &HttpRequest) -> Result<WebhookId, ApiError> {
    request.match_info().query("webhook").parse().map_err(|_| ApiError::NoSuchWebhook)
}
