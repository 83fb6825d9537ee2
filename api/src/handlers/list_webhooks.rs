use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::state::ApiState;
use crate::webhooks::record::{WebhookRecord, example};

/// All webhooks of a user, in the form of one page.
#[derive(Serialize, ToSchema)]
struct WebhookPage {
    count: usize,
    /// There is only one page.
    next: (),
    /// There is only one page.
    previous: (),
    results: Vec<WebhookRecord>,
}

/// `GET user/webhooks/`: answers 200 with all webhooks of the user, the oldest first, in the form of one page.
#[utoipa::path(
    get,
    path = "/user/webhooks/",
    operation_id = "list_webhooks",
    tag = "webhooks",
    summary = "List one's webhooks",
    responses((
        status = 200,
        description = "All webhooks of the user, the oldest first, in the form of one page. Nobody can read the secrets any more.",
        body = WebhookPage,
        headers(("Cache-Control" = String, description = "The list is for the user alone.")),
        example = json!({ "count": 1, "next": null, "previous": null, "results": [example()] }),
    )),
)]
pub(crate) async fn handle(user: AuthenticatedUser, state: Data<ApiState>) -> Result<HttpResponse, ApiError> {
    let webhooks = state.backends.metadata.webhooks(user.id).await?;
    let results: Vec<_> = webhooks.into_iter().map(WebhookRecord::from).collect();
    let page = WebhookPage { count: results.len(), next: (), previous: (), results };
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "private, no-cache")).json(page))
}
