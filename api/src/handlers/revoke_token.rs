use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::account::AccountEvent;

use crate::auth::AuthenticatedUser;
use crate::client::Reached;
use crate::error::ApiError;
use crate::openapi::refuses;
use crate::state::ApiState;

refuses! {
    "no such token" => ApiError::NoSuchToken,
}

/// `DELETE user/tokens/<id>/`: ends the use of one of the user's tokens, and answers 204; 404 if the user has no such
/// token.
#[utoipa::path(
    delete,
    path = "/user/tokens/{token}/",
    operation_id = "revoke_token",
    tag = "account",
    summary = "End the use of a token",
    params(("token" = i64, Path, minimum = 1, description = "The id of the token, as the list has it.", example = 3)),
    responses((status = 204, description = "The token is not valid any more."), Refusals),
)]
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let token = request.match_info().query("token").parse().map_err(|_| ApiError::NoSuchToken)?;
    let address = Reached::address_of(&request);
    let metadata = &state.backends.metadata;
    if !metadata.revoke_token(&user.holder.user, token, AccountEvent::TokenRevoked, address).await? {
        return Err(ApiError::NoSuchToken);
    }
    Ok(HttpResponse::NoContent().finish())
}
