use actix_web::HttpResponse;

use crate::error::ApiError;

/// The handler of any path that is not in the URL table: it answers 404.
pub(crate) async fn handle() -> Result<HttpResponse, ApiError> {
    Err(ApiError::NotFound)
}
