use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::image_id::image_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::state::ApiState;

/// `DELETE image/<id>/`: answers 204; 404 if the user has no such image. The image is invisible at once. Upkeep removes
/// its objects, and then its row.
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let id = image_id(&request)?;
    if !state.backends.metadata.delete_image(user.id, id).await? {
        return Err(ApiError::NoSuchImage);
    }
    state.buried.notify_one();
    Ok(HttpResponse::NoContent().finish())
}
