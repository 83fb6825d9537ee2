use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::account::AccountEvent;

use crate::auth::AuthenticatedUser;
use crate::client::Reached;
use crate::error::ApiError;
use crate::state::ApiState;

/// `POST user/logout/`: ends the use of the token that the request has, and answers 204.
#[utoipa::path(
    post,
    path = "/user/logout/",
    operation_id = "log_out",
    tag = "account",
    summary = "End the use of the token of this request",
    responses((status = 204, description = "The token is not valid any more.")),
)]
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let holder = &user.holder;
    let address = Reached::address_of(&request);
    // A token that is gone already is what the client wants.
    state.backends.metadata.revoke_token(&holder.user, holder.token, AccountEvent::Logout, address).await?;
    Ok(HttpResponse::NoContent().finish())
}
