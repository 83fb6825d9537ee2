use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::image_id::image_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::etag::Etag;
use crate::image_status::ImageStatus;
use crate::state::ApiState;
use crate::waiting;

/// `GET image/<id>/status/`: answers 200 with what became of one of the user's images; 304 if the client has it already;
/// 404 if the user has no such image. With `wait` it answers when the image is ready or failed.
pub(crate) async fn handle(
    mut user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let id = image_id(&request)?;
    let image = waiting::image(&mut user, id, &request, &state).await?;
    let tag = Etag::unsigned().with_record(&image).with(image.state).with(image.attempts);
    tag.answer(&request, async || Ok(ImageStatus::of(image))).await
}
