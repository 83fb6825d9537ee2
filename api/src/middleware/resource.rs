//! The checks of every known resource before its handler: it checks `Accept`, sets `Allow`, and answers 503 until the
//! api has started.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, HeaderValue};
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
    check(request, next, &["application/json", "application/*"]).await
}

/// The checks of a resource that answers with a stream of events.
pub(crate) async fn negotiate_stream(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    check(request, next, &["text/event-stream", "text/*"]).await
}

async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    types: &[&str],
) -> Result<ServiceResponse, Error> {
    if !accepts(request.headers().get_all(ACCEPT), types) {
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

/// Whether a client that sends these values of `Accept` takes one of these media types. One that sends none takes any.
pub(crate) fn accepts<'a>(values: impl Iterator<Item = &'a HeaderValue>, types: &[&str]) -> bool {
    let mut values = values.peekable();
    let is_taken = |item: &str| {
        matches!(item, "" | "*/*") || types.iter().any(|media_type| item.eq_ignore_ascii_case(media_type))
    };
    values.peek().is_none() || media_types(values).any(is_taken)
}

/// The media types that values of `Accept` name, without their parameters. A value that is no text names an empty one.
pub(crate) fn media_types<'a>(
    values: impl Iterator<Item = &'a HeaderValue>,
) -> impl Iterator<Item = &'a str> {
    let items = values.flat_map(|value| value.to_str().unwrap_or("").split(','));
    items.map(|item| item.split(';').next().unwrap_or("").trim())
}
