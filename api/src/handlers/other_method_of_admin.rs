use actix_web::{HttpRequest, HttpResponse};

use super::other_method;
use crate::auth::AuthenticatedAdmin;
use crate::error::ApiError;

/// The handler of any other method on a path of operators: it answers 401 without a valid token, 403 to a user who is not
/// an operator, and 405 to one who is.
pub(crate) async fn handle(_: AuthenticatedAdmin, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    other_method::handle(request).await
}
