use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::image_id::image_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::links::base_url;
use crate::records::record;
use crate::state::ApiState;

/// `GET image/<id>/`: answers 200 with the record of one of the user's images; 404 if the user has no such image.
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
