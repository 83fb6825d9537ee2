use actix_web::HttpResponse;

use crate::error::ApiError;

/// Any path that is not in the URL table: answers 404.
pub(crate) async fn handle() -> Result<HttpResponse, ApiError> {
    Err(ApiError::NotFound)
}
