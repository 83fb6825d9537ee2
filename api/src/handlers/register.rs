use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::metadata::MetadataError;
use serde_json::json;

use super::credentials::{Credentials, Fields, UNUSABLE, Wanting, check_new, hash};
use crate::client::Reached;
use crate::error::ApiError;
use crate::rates::RequestLimits;
use crate::state::ApiState;

const MISSING: ApiError = ApiError::Account(
    StatusCode::UNPROCESSABLE_ENTITY,
    Cow::Borrowed("Please provide both username and password"),
);
const TAKEN: ApiError = ApiError::Account(StatusCode::BAD_REQUEST, Cow::Borrowed("Username already exists"));

/// `POST user/register/`: creates a user and answers 201; 400 if the name is taken, 403 if registration is closed, 422
/// if the name or the password is missing or cannot be used.
pub(crate) async fn handle(
    request: HttpRequest,
    payload: Payload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    if !state.settings.registration_open {
        return Err(ApiError::Forbidden("Registration is closed."));
    }
    let fields = Fields::of(&request, payload).await?;
    let Credentials { username, password } = match fields.credentials() {
        Ok(credentials) => credentials,
        Err(Wanting::Missing) => return Err(MISSING),
        Err(Wanting::Unusable) => return Err(UNUSABLE),
    };
    check_new(&password, &state)?;
    // What is malformed has cost little, and does not count.
    RequestLimits::of(&request).register()?;
    let metadata = &state.backends.metadata;
    // Hashing takes long, so a name that is taken is refused before. If two requests race, the insert decides.
    if metadata.find_user(&username).await?.is_some() {
        return Err(TAKEN);
    }
    let hash = hash(password, &state).await?;
    match metadata.create_user(&username, &hash, Reached::address_of(&request)).await {
        Ok(_) => Ok(HttpResponse::Created().json(json!({ "detail": "User created" }))),
        Err(MetadataError::Taken(_)) => Err(TAKEN),
        Err(error) => Err(error.into()),
    }
}
