//! The id in `image/<id>/`.

use actix_web::HttpRequest;
use resizinator_shared::ids::ImageId;

use crate::error::ApiError;

/// Reads the id. The route takes digits only, and a number that no image can have is that of a missing image.
pub(crate) fn image_id(request: &HttpRequest) -> Result<ImageId, ApiError> {
    request.match_info().query("id").parse().map_err(|_| ApiError::NoSuchImage)
}
