use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::credentials::{Fields, UNUSABLE, WRONG, check_current, check_new, hash, missing};
use crate::auth::AuthenticatedUser;
use crate::client::Reached;
use crate::error::ApiError;
use crate::openapi::refuses;
use crate::state::ApiState;

/// The passwords of a request.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it is only described")]
struct ChangePassword {
    #[schema(format = Password, min_length = 1)]
    current_password: String,
    /// At least as many characters as `GET /limits/` says, and at most 4096 bytes.
    #[schema(format = Password, min_length = 8, max_length = 4096)]
    new_password: String,
}

refuses! {
    "not readable" => ApiError::Parse("JSON parse error - expected value at line 1 column 1".into()),
    "another type" => ApiError::UnsupportedMediaType("text/plain".into()),
    "missing" => missing("new_password"),
    "unusable" => UNUSABLE,
    "wrong" => WRONG,
}

/// `POST user/password/` with `current_password` and `new_password`: changes the password, revokes all other tokens of
/// the user, and answers 204; 403 if the current password is wrong, 422 if a field is missing or the new password cannot
/// be used.
#[utoipa::path(
    post,
    path = "/user/password/",
    operation_id = "change_password",
    tag = "account",
    summary = "Change one's password",
    description = "All other tokens of the user end.",
    request_body(
        content((ChangePassword = "application/json", example = json!({ "current_password": "correct horse", "new_password": "battery staple" })), (ChangePassword = "application/x-www-form-urlencoded")),
        description = "The current password and the new one.",
    ),
    responses((status = 204, description = "The password is changed."), Refusals),
)]
pub(crate) async fn handle(
    mut user: AuthenticatedUser,
    request: HttpRequest,
    payload: Payload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let fields = Fields::of(&request, payload).await?;
    let address = Reached::address_of(&request);
    let new = fields.password("new_password")?.map_err(|_| UNUSABLE)?;
    check_new(&new, &state)?;
    let known = check_current(&fields, &mut user, &request, &state).await?;
    let new = hash(new, &state).await?;
    let metadata = &state.backends.metadata;
    // Another request may have changed it meanwhile.
    if !metadata.change_password(&known, &new, Some(user.holder.token), address).await? {
        return Err(WRONG);
    }
    Ok(HttpResponse::NoContent().finish())
}
