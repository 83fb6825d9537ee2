use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::metadata::{Registration, WEBHOOKS_PER_USER};
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::{AuthenticatedUser, NO_ACCESS};
use crate::error::ApiError;
use crate::openapi::refuses;
use crate::state::ApiState;
use crate::upload::plain_body;
use crate::webhooks::record::{WebhookWithSecret, example_with_secret};
use crate::webhooks::{BadTarget, Target, WebhookSecret};

/// The webhook to register.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is only described")]
struct NewWebhook {
    /// Where the events are posted to: an `https` URL of a host with a public address, at most 2,000 characters.
    #[schema(format = "uri", max_length = 2000)]
    url: String,
}

refuses! {
    "no URL" => bad(BadTarget::NoUrl),
    "not https" => bad(BadTarget::NotHttps),
    "not public" => bad(BadTarget::NotPublic),
    "too many" => too_many(),
    "not readable" => ApiError::Parse("JSON parse error - expected value at line 1 column 1".into()),
    "another type" => ApiError::UnsupportedMediaType("image/png".into()),
    "access lost" => ApiError::NotAuthenticated(NO_ACCESS),
}

/// `POST user/webhooks/`: registers a webhook and answers 201 with its secret; 422 if the URL cannot be one, 409 if the
/// user has as many webhooks as a user may have.
#[utoipa::path(
    post,
    path = "/user/webhooks/",
    operation_id = "register_webhook",
    tag = "webhooks",
    summary = "Have events posted to a URL",
    description = "From now on every event of the user's images is posted to the URL, signed as Standard Webhooks has it. A user may have 10 webhooks.",
    request_body(
        content((NewWebhook = "application/json", example = json!({ "url": "https://hooks.example/images" })), (NewWebhook = "application/x-www-form-urlencoded")),
        description = "The URL.",
    ),
    responses(
        (
            status = 201,
            description = "The webhook, with the secret that is shown this once.",
            body = WebhookWithSecret,
            headers(("Cache-Control" = String, description = "Nobody may store the secret on the way.")),
            example = json!(example_with_secret()),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle(
    mut user: AuthenticatedUser,
    request: HttpRequest,
    payload: Payload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let body = plain_body::collect(&request, payload).await?;
    let fields = plain_body::fields(&request, &body)?;
    let url = fields.get("url").and_then(Value::as_str).unwrap_or_default();
    let target = Target::parse(url, state.settings.webhook_targets).map_err(bad)?;
    // The body may have taken long.
    user.look_again(&state).await?;
    let secret = WebhookSecret::random().expose();
    match state.backends.metadata.register_webhook(user.id, target.expose(), &secret).await? {
        Registration::Registered(webhook) => Ok(HttpResponse::Created()
            .insert_header(("Cache-Control", "no-store"))
            .json(WebhookWithSecret::of(webhook, secret))),
        Registration::TooMany => Err(too_many()),
        Registration::NoAccess => Err(ApiError::NotAuthenticated(NO_ACCESS)),
    }
}

fn bad(target: BadTarget) -> ApiError {
    ApiError::Field("url", target.to_string())
}

fn too_many() -> ApiError {
    let limit = WEBHOOKS_PER_USER;
    ApiError::Conflict(format!("The limit max_webhooks_per_user is {limit}, and you have {limit}."))
}
