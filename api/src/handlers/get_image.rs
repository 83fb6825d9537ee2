use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::image::ImageRecord;

use super::image_id::image_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::links::base_url;
use crate::openapi::{examples, refuses};
use crate::records::record;
use crate::state::ApiState;

refuses! {
    "no such image" => ApiError::NoSuchImage,
}

/// `GET image/<id>/`: answers 200 with the record of one of the user's images; 404 if the user has no such image.
#[utoipa::path(
    get,
    path = "/image/{id}/",
    operation_id = "get_image",
    tag = "images",
    summary = "Get an image",
    params(("id" = i64, Path, minimum = 1, description = "The id of the image.", example = 42)),
    responses(
        (
            status = 200,
            description = "The image. `small` and `medium` are null until both are ready.",
            body = ImageRecord,
            headers(("Cache-Control" = String, description = "The URLs are for the user alone.")),
            examples(
                ("ready" = (summary = "Both variants are ready", value = json!(examples::ready()))),
                ("pending" = (summary = "The image waits for a worker", value = json!(examples::pending()))),
            ),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let id = image_id(&request)?;
    let image = state.backends.metadata.image(user.id, id).await?.ok_or(ApiError::NoSuchImage)?;
    let record = record(&*state.backends.objects, &base_url(&request), &image).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "private, no-cache")).json(record))
}
