//! The middleware that counts each request of a network and refuses it with 429 if there are too many. The header fields
//! that tell the client its limits are set by `envelope`, since errors have them too.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use super::guard::is_probe;
use crate::error::ApiError;
use crate::rates::RequestLimits;

pub(crate) async fn wrap(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if is_limited(request.path()) {
        RequestLimits::of(request.request()).address().map_err(ApiError::from)?;
    }
    next.call(request).await
}

/// Whether requests for a path count. Signed URLs were handed out for an answer that counted, and a page with many
/// pictures asks for all of them at once.
fn is_limited(path: &str) -> bool {
    !is_probe(path) && !path.starts_with("/objects/")
}
