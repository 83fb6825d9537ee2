use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::image_id::image_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::etag::Etag;
use crate::links::base_url;
use crate::records::record;
use crate::state::ApiState;
use crate::waiting;

/// `GET image/<id>/`: answers 200 with the record of one of the user's images; 304 if the client has it already; 404 if
/// the user has no such image. With `wait` it answers when the image is ready or failed.
pub(crate) async fn handle(
    mut user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let id = image_id(&request)?;
    let image = waiting::image(&mut user, id, &request, &state).await?;
    let record = async || Ok(record(&*state.backends.objects, &base_url(&request), &image).await?);
    Etag::signed(&request, &state).with_record(&image).answer(&request, record).await
}
