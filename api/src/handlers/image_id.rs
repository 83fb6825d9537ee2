//! The id in the path `image/<id>/`.

use actix_web::HttpRequest;
use resizinator_shared::ids::ImageId;

use crate::error::ApiError;

/// Reads the id. The route takes only digits. A number that no image can have counts as the id of a missing image.
pub(crate) fn image_id(request: &HttpRequest) -> Result<ImageId, ApiError> {
    request.match_info().query("id").parse().map_err(|_| ApiError::NoSuchImage)
}
