use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::metadata::MetadataError;
use serde::Serialize;

use super::credentials::{Credentials, Fields, UNUSABLE, Wanting, check_new, hash};
use crate::client::Reached;
use crate::error::ApiError;
use crate::openapi::refuses;
use crate::rates::RequestLimits;
use crate::state::ApiState;

const CLOSED: &str = "Registration is closed.";
const MISSING: ApiError = ApiError::Account(
    StatusCode::UNPROCESSABLE_ENTITY,
    Cow::Borrowed("Please provide both username and password"),
);
const TAKEN: ApiError = ApiError::Account(StatusCode::BAD_REQUEST, Cow::Borrowed("Username already exists"));

/// The name and the password of a user.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it is only described")]
struct NewUser {
    #[schema(min_length = 1, max_length = 150)]
    username: String,
    /// At least as many characters as the service asks for, 8 by default, and at most 4096 bytes.
    #[schema(format = Password, min_length = 8, max_length = 4096)]
    password: String,
}

/// The user is created.
#[derive(Serialize, utoipa::ToSchema)]
struct Created {
    detail: &'static str,
}

refuses! {
    "not readable" => ApiError::Parse("JSON parse error - expected value at line 1 column 1".into()),
    "another type" => ApiError::UnsupportedMediaType("text/plain".into()),
    "closed" => ApiError::Forbidden(CLOSED),
    "missing" => MISSING,
    "unusable" => UNUSABLE,
    "taken" => TAKEN,
}

/// `POST user/register/`: creates a user and answers 201; 400 if the name is taken, 403 if registration is closed, 422
/// if the name or the password is missing or cannot be used.
#[utoipa::path(
    post,
    path = "/user/register/",
    operation_id = "register",
    tag = "account",
    summary = "Become a user",
    request_body(
        content((NewUser = "application/json", example = json!({ "username": "ada", "password": "correct horse" })), (NewUser = "application/x-www-form-urlencoded")),
        description = "The name and the password of the user.",
    ),
    responses(
        (status = 201, description = "The user is created.", body = Created, example = json!({ "detail": "User created" })),
        Refusals,
    ),
)]
pub(crate) async fn handle(
    request: HttpRequest,
    payload: Payload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    if !state.settings.registration_open {
        return Err(ApiError::Forbidden(CLOSED));
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
        Ok(_) => Ok(HttpResponse::Created().json(Created { detail: "User created" })),
        Err(MetadataError::Taken(_)) => Err(TAKEN),
        Err(error) => Err(error.into()),
    }
}
