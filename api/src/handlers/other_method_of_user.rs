use actix_web::{HttpRequest, HttpResponse};

use super::other_method;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;

/// The handler of any other method on a path that needs a token: it answers 401 without a valid token, and 405 with
/// one.
pub(crate) async fn handle(_: AuthenticatedUser, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    other_method::handle(request).await
}
