use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::metadata::MetadataError;
use serde_json::json;

use super::credentials::{Credentials, Wanting};
use crate::error::ApiError;
use crate::rates::RequestLimits;
use crate::state::ApiState;
use crate::upload::plain_body;

const MISSING: ApiError =
    ApiError::Account(StatusCode::UNPROCESSABLE_ENTITY, "Please provide both username and password");
const UNUSABLE: ApiError = ApiError::Account(
    StatusCode::UNPROCESSABLE_ENTITY,
    "A username has at most 150 characters and no NUL, a password at most 4096 bytes",
);
const TAKEN: ApiError = ApiError::Account(StatusCode::BAD_REQUEST, "Username already exists");

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
    let body = plain_body::collect(&request, payload).await?;
    let Credentials { username, password } = match Credentials::read(&request, &body)? {
        Ok(credentials) => credentials,
        Err(Wanting::Missing) => return Err(MISSING),
        Err(Wanting::Unusable) => return Err(UNUSABLE),
    };
    // What is malformed has cost little, and does not count.
    RequestLimits::of(&request).register()?;
    let metadata = &state.backends.metadata;
    // Hashing takes long, so a name that is taken is refused before. If two requests race, the insert decides.
    if metadata.find_user(&username).await?.is_some() {
        return Err(TAKEN);
    }
    let hash = state.hashers.run(move || password.hash()).await?;
    let hash = hash.map_err(|error| ApiError::Internal(error.to_string()))?;
    match metadata.create_user(&username, &hash).await {
        Ok(_) => Ok(HttpResponse::Created().json(json!({ "detail": "User created" }))),
        Err(MetadataError::Taken(_)) => Err(TAKEN),
        Err(error) => Err(error.into()),
    }
}
