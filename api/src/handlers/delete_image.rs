use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::image_id::image_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::openapi::refuses;
use crate::state::ApiState;

refuses! {
    "no such image" => ApiError::NoSuchImage,
}

/// `DELETE image/<id>/`: answers 204; 404 if the user has no such image. The image is invisible at once. Upkeep removes
/// its objects, and then its row.
#[utoipa::path(
    delete,
    path = "/image/{id}/",
    operation_id = "delete_image",
    tag = "images",
    summary = "Delete an image",
    description = "The image is invisible at once, and its files are removed soon after.",
    params(("id" = i64, Path, minimum = 1, description = "The id of the image.", example = 42)),
    responses((status = 204, description = "The image is deleted."), Refusals),
)]
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
