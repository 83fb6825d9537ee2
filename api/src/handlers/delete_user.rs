use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::credentials::{Fields, WRONG, check_current, missing};
use crate::auth::AuthenticatedUser;
use crate::client::Reached;
use crate::error::ApiError;
use crate::openapi::refuses;
use crate::state::ApiState;

/// The password of a request.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it is only described")]
struct CurrentPassword {
    #[schema(format = Password, min_length = 1)]
    current_password: String,
}

refuses! {
    "not readable" => ApiError::Parse("JSON parse error - expected value at line 1 column 1".into()),
    "another type" => ApiError::UnsupportedMediaType("text/plain".into()),
    "missing" => missing("current_password"),
    "wrong" => WRONG,
}

/// `DELETE user/` with `current_password`: deletes the user with all tokens and images, and answers 204; 403 if the
/// password is wrong, 422 if it is missing. The user has no access at once, and upkeep removes the images.
#[utoipa::path(
    delete,
    path = "/user/",
    operation_id = "delete_user",
    tag = "account",
    summary = "Delete the user with all tokens and images",
    description = "The user has no access at once, and the images are removed soon after.",
    request_body(
        content((CurrentPassword = "application/json", example = json!({ "current_password": "correct horse" })), (CurrentPassword = "application/x-www-form-urlencoded")),
        description = "The current password.",
    ),
    responses((status = 204, description = "The user is deleted."), Refusals),
)]
pub(crate) async fn handle(
    mut user: AuthenticatedUser,
    request: HttpRequest,
    payload: Payload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let fields = Fields::of(&request, payload).await?;
    let known = check_current(&fields, &mut user, &request, &state).await?;
    // Another request may have changed the password meanwhile.
    if !state.backends.metadata.delete_user(&known, Reached::address_of(&request)).await? {
        return Err(WRONG);
    }
    state.buried.notify_one();
    Ok(HttpResponse::NoContent().finish())
}
