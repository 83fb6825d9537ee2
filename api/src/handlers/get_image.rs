use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::image::{Image, ImageRecord};

use super::image_id::image_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::etag::Etag;
use crate::links::base_url;
use crate::openapi::{examples, refuses};
use crate::records::record;
use crate::state::ApiState;
use crate::waiting;

refuses! {
    "no such image" => ApiError::NoSuchImage,
    "wrong wait" => waiting::wrong().into(),
}

/// `GET image/<id>/`: answers 200 with the record of one of the user's images; 304 if the client has it already; 404 if
/// the user has no such image. With `wait` it answers when the image is ready or failed.
#[utoipa::path(
    get,
    path = "/image/{id}/",
    operation_id = "get_image",
    tag = "images",
    summary = "Get an image",
    params(
        ("id" = i64, Path, minimum = 1, description = "The id of the image.", example = 42),
        ("wait" = Option<u64>, Query, minimum = 0, maximum = 30, description = "How many seconds to wait for the image to become ready or failed. The answer comes as soon as it is, or when the time is over.", example = 30),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that the client has."),
    ),
    responses(
        (
            status = 200,
            description = "The image. `small` and `medium` are null until both are ready.",
            body = ImageRecord,
            headers(
                ("Cache-Control" = String, description = "The URLs are for the user alone."),
                ("ETag" = String, description = "Changes whenever the answer does, and when the URLs are signed anew."),
            ),
            examples(
                ("ready" = (summary = "Both variants are ready", value = json!(examples::ready()))),
                ("pending" = (summary = "The image waits for a worker", value = json!(examples::pending()))),
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
    Box::pin(answer(&request, &state, image)).await
}

async fn answer(request: &HttpRequest, state: &ApiState, image: Image) -> Result<HttpResponse, ApiError> {
    let record = async || Ok(record(&*state.backends.objects, &base_url(request), &image).await?);
    Etag::signed(request, state).with_record(&image).answer(request, record).await
}
