use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::image::Image;

use super::image_id::image_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::etag::Etag;
use crate::image_status::ImageStatus;
use crate::openapi::{examples, refuses};
use crate::state::ApiState;
use crate::waiting;

refuses! {
    "no such image" => ApiError::NoSuchImage,
    "wrong wait" => waiting::wrong().into(),
}

/// `GET image/<id>/status/`: answers 200 with what became of one of the user's images; 304 if the client has it already;
/// 404 if the user has no such image. With `wait` it answers when the image is ready or failed.
#[utoipa::path(
    get,
    path = "/image/{id}/status/",
    operation_id = "get_status",
    tag = "images",
    summary = "See what became of an image",
    params(
        ("id" = i64, Path, minimum = 1, description = "The id of the image.", example = 42),
        waiting::Parameter,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that the client has."),
    ),
    responses(
        (
            status = 200,
            description = "What became of the image, and what its files are.",
            body = ImageStatus,
            headers(
                ("Cache-Control" = String, description = "The answer is for the user alone."),
                ("ETag" = String, description = "Changes whenever the answer does."),
            ),
            examples(
                ("ready" = (summary = "Both variants are ready", value = json!(examples::ready_status()))),
                ("failed" = (summary = "The file is damaged", value = json!(examples::failed_status()))),
            ),
        ),
        (status = 304, description = "The client has this answer already."),
        Refusals,
    ),
)]
pub(crate) async fn handle(
    mut user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let id = image_id(&request)?;
    let image = Box::pin(waiting::image(&mut user, id, &request, &state)).await?;
    Box::pin(answer(&request, image)).await
}

async fn answer(request: &HttpRequest, image: Image) -> Result<HttpResponse, ApiError> {
    let tag = Etag::unsigned().with_status(&image);
    tag.answer(request, async || Ok(ImageStatus::of(image))).await
}
