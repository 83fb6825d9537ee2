use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::credentials::{Fields, check_current};
use crate::auth::AuthenticatedUser;
use crate::client::Reached;
use crate::error::ApiError;
use crate::state::ApiState;

/// `DELETE user/` with `current_password`: deletes the user with all tokens and images, and answers 204; 403 if the
/// password is wrong, 422 if it is missing. The user has no access at once, and upkeep removes the images.
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    payload: Payload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let fields = Fields::of(&request, payload).await?;
    let user = &user.holder.user;
    let address = Reached::address_of(&request);
    check_current(&fields, user, &request, &state).await?;
    state.backends.metadata.delete_user(user, address).await?;
    state.buried.notify_one();
    Ok(HttpResponse::NoContent().finish())
}
