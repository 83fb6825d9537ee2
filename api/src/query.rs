//! The query of a request.

use std::borrow::Cow;

use actix_web::HttpRequest;

/// The value of a parameter. If it is repeated, the last one counts.
pub(crate) fn parameter<'a>(request: &'a HttpRequest, name: &str) -> Option<Cow<'a, str>> {
    let parameters = url::form_urlencoded::parse(request.query_string().as_bytes());
    parameters.filter(|(found, _)| found == name).last().map(|(_, value)| value)
}
