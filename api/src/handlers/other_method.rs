use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};

use crate::error::ApiError;

/// `OPTIONS` says no more than the `Allow` header, which every answer of the resource has.
pub(crate) async fn handle(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().finish());
    }
    Err(ApiError::MethodNotAllowed(request.method().clone()))
}
