//! The id in `image/<id>/`.

use actix_web::HttpRequest;

use crate::error::ApiError;

/// The route takes digits only; a number that no row can have is an image that is not there.
pub(crate) fn image_id(request: &HttpRequest) -> Result<i64, ApiError> {
    request.match_info().query("id").parse().map_err(|_| ApiError::NoSuchImage)
}
