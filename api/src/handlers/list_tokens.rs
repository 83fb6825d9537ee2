use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use resizinator_shared::ids::TokenId;
use resizinator_shared::image::rfc3339_micros;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::state::ApiState;

/// A token as its user sees it.
#[derive(Serialize, ToSchema)]
struct TokenRecord {
    #[schema(value_type = i64, minimum = 1)]
    id: TokenId,
    label: String,
    #[serde(serialize_with = "rfc3339_micros")]
    created_at: DateTime<Utc>,
    /// Exact to ten minutes.
    #[serde(serialize_with = "rfc3339_micros")]
    last_used_at: DateTime<Utc>,
    /// When it expires if it is not used any more.
    #[serde(serialize_with = "rfc3339_micros")]
    expires_at: DateTime<Utc>,
    /// Whether the request has this token.
    current: bool,
}

/// All tokens of a user, in the form of one page.
#[derive(Serialize, ToSchema)]
struct TokenPage {
    count: usize,
    /// There is only one page.
    next: (),
    /// There is only one page.
    previous: (),
    results: Vec<TokenRecord>,
}

/// `GET user/tokens/`: answers 200 with all tokens of the user, the oldest first, in the form of one page.
#[utoipa::path(
    get,
    path = "/user/tokens/",
    operation_id = "list_tokens",
    tag = "account",
    summary = "List one's tokens",
    responses((
        status = 200,
        description = "All tokens of the user, the oldest first, in the form of one page. Nobody can read the keys any more.",
        body = TokenPage,
        headers(("Cache-Control" = String, description = "The list is for the user alone.")),
        example = json!({
            "count": 1,
            "next": null,
            "previous": null,
            "results": [{
                "id": 3,
                "label": "curl/8.5.0",
                "created_at": "2024-05-18T18:05:06.009201Z",
                "last_used_at": "2024-05-18T19:10:00.204111Z",
                "expires_at": "2024-08-16T19:10:00.204111Z",
                "current": true,
            }],
        }),
    )),
)]
pub(crate) async fn handle(user: AuthenticatedUser, state: Data<ApiState>) -> Result<HttpResponse, ApiError> {
    let lifetime = state.settings.limits.token_lifetime;
    let tokens = state.backends.metadata.tokens(user.id, lifetime).await?;
    let results: Vec<_> = tokens
        .into_iter()
        .map(|token| TokenRecord {
            id: token.id,
            label: token.label,
            created_at: token.created_at,
            last_used_at: token.used_at,
            expires_at: token.used_at + lifetime,
            current: token.id == user.holder.token,
        })
        .collect();
    let page = TokenPage { count: results.len(), next: (), previous: (), results };
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "private, no-cache")).json(page))
}
