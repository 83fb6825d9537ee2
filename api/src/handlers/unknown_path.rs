use actix_web::HttpResponse;

use crate::error::ApiError;

pub(crate) async fn handle() -> Result<HttpResponse, ApiError> {
    Err(ApiError::NotFound)
}
