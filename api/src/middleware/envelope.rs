//! The parts that every answer has, for known and unknown paths: security headers, a request id, where
//! the client stands with its limits, and a line in the log.
//! The line does not contain the query, since a signed URL has its signature there.

use std::time::Instant;

use actix_cors::CorsError;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{
    CROSS_ORIGIN_OPENER_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError};
use log::Level;

use resizinator_shared::trace::{RequestId, Trace};

use crate::client::Client;
use crate::error::ApiError;
use crate::links::state;
use crate::metrics::{Answered, Limit, Route, UNKNOWN, count};
use crate::middleware::guard::is_probe;
use crate::rates::Standings;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The headers with the same value on every answer.
pub(crate) const HEADERS: [(HeaderName, &str); 4] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
];

pub(crate) async fn wrap(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let begun = Instant::now();
    let shared = state(request.request()).clone();
    let _under_way = shared.under_way.token();
    let _in_progress = shared.metrics.begin_request();
    let trace = trace(&request);
    let id = trace.request_id.clone().unwrap_or_else(RequestId::random);
    request.extensions_mut().insert(trace);
    let (method, path) = (request.method().clone(), beginning(request.path()));
    // Such a request takes as long as it was asked to.
    let waits = request.query_string().contains("wait=");
    let client = Client::of(request.head(), &shared.settings.trusted_proxies);
    let address = client.address;
    request.extensions_mut().insert(client);
    let standings = Standings::default();
    request.extensions_mut().insert(standings.clone());
    let outcome = next.call(request).await.map(in_json);
    let sign = |headers: &mut HeaderMap| {
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        standings.set(headers);
        headers.insert(VARY, vary(headers));
        headers.insert(REQUEST_ID.clone(), HeaderValue::from_str(id.as_str()).expect("a header value"));
    };
    // The router takes the request, so after an error there is none to make a ServiceResponse from.
    let (status, route, refused, outcome) = match outcome {
        Ok(mut response) => {
            sign(response.headers_mut());
            let refused = response.response().error().and_then(limit);
            let route = Route::label(response.request());
            if shared.stopping.is_cancelled() {
                response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
            (response.status(), route, refused, Ok(response))
        }
        Err(error) => {
            let mut response = error.error_response();
            sign(response.headers_mut());
            let refused = limit(&error);
            (response.status(), UNKNOWN, refused, Err(InternalError::from_response(error, response).into()))
        }
    };
    let took = begun.elapsed();
    shared.metrics.answered(&Answered::new(&method, route, status), (!waits).then_some(took));
    if let Some(limit) = refused {
        count(&shared.metrics.refusals, limit);
    }
    let (seconds, id) = (took.as_secs_f64(), id.as_str());
    let (method, status) = (beginning(method.as_str()), status.as_u16());
    // Supervisors ask every few seconds, so their questions would hide everything else.
    let level = if is_probe(&path) { Level::Debug } else { Level::Info };
    log::log!(
        level,
        method, path, status, seconds, client:% = address, request_id = id;
        "{method} {path} {status} {:.1} ms client={address} id={id}",
        seconds * 1e3,
    );
    outcome
}

/// The limit that refused the request, if it was one.
fn limit(error: &Error) -> Option<Limit> {
    error.as_error::<ApiError>()?.limit()
}

/// As much of a method or a path as goes into the log. Those that are served are shorter.
fn beginning(text: &str) -> String {
    text.chars().take(200).collect()
}

/// The parts of a request that decide about the answer: `Accept`, and what the CORS protocol adds.
fn vary(headers: &HeaderMap) -> HeaderValue {
    const ACCEPT: HeaderValue = HeaderValue::from_static("Accept");
    let Some(others) = headers.get(VARY) else { return ACCEPT };
    HeaderValue::from_bytes(&[b"Accept, ", others.as_bytes()].concat()).unwrap_or(ACCEPT)
}

/// The ids of the request. The request id is the one that the client sent, if it is short and has only safe characters,
/// or else a new one.
fn trace(request: &ServiceRequest) -> Trace {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let request_id = header(&REQUEST_ID).and_then(|text| text.parse().ok()).unwrap_or_else(RequestId::random);
    Trace { request_id: Some(request_id), parent: header(&TRACEPARENT).and_then(|text| text.parse().ok()) }
}

/// The answer as it is, or as JSON if it is an error of the CORS protocol, which has plain text. An answer without a
/// body, as a preflight request gets, has the status 204.
fn in_json(response: ServiceResponse<impl MessageBody + 'static>) -> ServiceResponse {
    let refused = response.response().error().and_then(|error| error.as_error::<CorsError>());
    match refused.map(|error| ApiError::CrossOrigin(error.to_string())) {
        Some(error) => {
            let (request, _) = response.into_parts();
            ServiceResponse::new(request, error.error_response())
        }
        None => {
            let mut response = response.map_into_boxed_body();
            let is_preflight = response.request().method() == Method::OPTIONS;
            if is_preflight && response.response().body().size().is_eof() {
                response.response_mut().head_mut().status = StatusCode::NO_CONTENT;
            }
            response
        }
    }
}
