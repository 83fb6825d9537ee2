use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};

use crate::error::ApiError;

/// How much of a method an answer repeats. The longest one that is registered has 17 characters.
const LONGEST: usize = 40;

/// The handler of any other method on a known path: it answers `OPTIONS` with 204 and the rest with 405. The header
/// `Allow`, which every answer of the path has, names the methods.
pub(crate) async fn handle(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().finish());
    }
    Err(ApiError::MethodNotAllowed(request.method().as_str().chars().take(LONGEST).collect()))
}
