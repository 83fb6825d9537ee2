//! The checks of every known resource before its handler: it checks `Accept`, sets `Allow`, and answers 503 until the
//! api has started.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::ACCEPT;
use actix_web::middleware::{DefaultHeaders, Next};

use crate::error::ApiError;
use crate::links::state;

/// Sets the header `Allow` on every answer of a resource, whatever its status.
pub(crate) fn allow(methods: &'static str) -> DefaultHeaders {
    DefaultHeaders::new().add(("Allow", methods))
}

pub(crate) async fn negotiate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let accept =
        request.headers().get_all(ACCEPT).map(|value| value.to_str().unwrap_or("")).collect::<Vec<_>>();
    if !accept.is_empty() && !accept.iter().any(|value| takes_json(value)) {
        return Ok(refuse(request, &ApiError::NotAcceptable));
    }
    if !state(request.request()).is_started() {
        let cause = "the metadata store was not reached since the start".into();
        return Ok(refuse(request, &ApiError::Unavailable(cause)));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn refuse(request: ServiceRequest, error: &ApiError) -> ServiceResponse {
    request.into_response(actix_web::ResponseError::error_response(error))
}

fn takes_json(accept: &str) -> bool {
    let media_types = accept.split(',').map(|item| item.split(';').next().unwrap_or("").trim());
    media_types
        .map(str::to_ascii_lowercase)
        .any(|media_type| matches!(media_type.as_str(), "" | "*/*" | "application/*" | "application/json"))
}
