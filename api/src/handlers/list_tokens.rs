use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use resizinator_shared::ids::TokenId;
use resizinator_shared::image::rfc3339_micros;
use serde::Serialize;

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::state::ApiState;

/// A token as its user sees it.
#[derive(Serialize)]
struct TokenRecord {
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
#[derive(Serialize)]
struct TokenPage {
    count: usize,
    next: (),
    previous: (),
    results: Vec<TokenRecord>,
}

/// `GET user/tokens/`: answers 200 with all tokens of the user, the oldest first, in the form of one page.
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
