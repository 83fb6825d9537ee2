use actix_web::{HttpRequest, HttpResponse};

use super::other_method;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;

/// Authentication comes before the method: 401, then 405.
pub(crate) async fn handle(_: AuthenticatedUser, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    other_method::handle(request).await
}
