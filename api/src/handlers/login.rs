use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::account::ClientNetwork;
use resizinator_shared::ids::UserId;
use resizinator_shared::metadata::{MetadataError, MetadataStore};
use serde_json::json;

use super::credentials::Credentials;
use crate::auth;
use crate::error::ApiError;
use crate::rates::RequestLimits;
use crate::state::ApiState;
use crate::upload::plain_body;

const INVALID: ApiError = ApiError::Account(StatusCode::UNAUTHORIZED, "Invalid credentials");

/// How long a network stays known for a user who has logged in from it.
const KNOWN: Duration = Duration::from_secs(30 * 86_400);

/// `POST user/login/`: answers 200 with a new token, or 401 if anything is wrong. An unknown name takes as long as a
/// wrong password, so that nobody can find out which names exist.
pub(crate) async fn handle(
    request: HttpRequest,
    payload: Payload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let body = plain_body::collect(&request, payload).await?;
    let Ok(Ok(Credentials { username, password })) = Credentials::read(&request, &body) else {
        return Err(INVALID);
    };
    let metadata = &state.backends.metadata;
    let user = metadata.find_user(&username).await?;
    let limits = RequestLimits::of(&request);
    let known = match &user {
        Some(user) if is_known(metadata, user.id, limits.network(), KNOWN).await? => Some(user.id),
        _ => None,
    };
    limits.login(&username, known)?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = state.hashers.run(move || password.matches(hash.as_deref())).await?;
    let user = user.filter(|user| is_right && user.active).ok_or(INVALID)?;
    let token = hex::encode(rand::random::<[u8; 20]>());
    let keep = state.settings.limits.tokens_per_user;
    metadata.create_token(user.id, &auth::hash(&token), keep).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(json!({ "token": token })))
}

/// Whether somebody has logged in as the user from this network within this time. The store does not keep that yet, so
/// that every network is a stranger's.
async fn is_known(
    _: &MetadataStore,
    _: UserId,
    _: &ClientNetwork,
    _: Duration,
) -> Result<bool, MetadataError> {
    Ok(false)
}
