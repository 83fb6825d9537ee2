use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::account::TokenLabel;
use resizinator_shared::metadata::NewToken;
use serde_json::json;

use super::credentials::Credentials;
use crate::auth;
use crate::error::ApiError;
use crate::state::ApiState;
use crate::upload::plain_body;

const INVALID: ApiError = ApiError::Account(StatusCode::UNAUTHORIZED, "Invalid credentials");

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
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = state.hashers.run(move || password.matches(hash.as_deref())).await?;
    let user = user.filter(|user| is_right && user.active).ok_or(INVALID)?;
    let token = hex::encode(rand::random::<[u8; 20]>());
    let keep = state.settings.limits.tokens_per_user;
    let (key_hash, label) = (auth::hash(&token), TokenLabel::default());
    let new = NewToken { key_hash: &key_hash, label: &label, address: None, keep };
    metadata.create_token(&user, &new).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(json!({ "token": token })))
}
