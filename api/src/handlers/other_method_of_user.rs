use actix_web::{HttpRequest, HttpResponse};

use super::other_method;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;

/// Any other method on a path that needs a token: answers 401 without a token, and only then 405.
pub(crate) async fn handle(_: AuthenticatedUser, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    other_method::handle(request).await
}
