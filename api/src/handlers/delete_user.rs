use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::credentials::{Fields, WRONG, check_current};
use crate::auth::AuthenticatedUser;
use crate::client::Reached;
use crate::error::ApiError;
use crate::state::ApiState;

/// `DELETE user/` with `current_password`: deletes the user with all tokens and images, and answers 204; 403 if the
/// password is wrong, 422 if it is missing. The user has no access at once, and upkeep removes the images.
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
