use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::credentials::{Fields, UNUSABLE, WRONG, check_current, check_new, hash};
use crate::auth::AuthenticatedUser;
use crate::client::Reached;
use crate::error::ApiError;
use crate::state::ApiState;

/// `POST user/password/` with `current_password` and `new_password`: changes the password, revokes all other tokens of
/// the user, and answers 204; 403 if the current password is wrong, 422 if a field is missing or the new password cannot
/// be used.
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
