//! The parts that every answer has, for known and unknown paths: security headers, a request id, JSON even after a
//! panic, and a line in the log. The line does not contain the query, since a signed URL has its signature there.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::ConnectionType;
use actix_web::http::header::{
    CROSS_ORIGIN_OPENER_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use futures_util::FutureExt;

use crate::error::ApiError;
use crate::links::{host, state};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const HEADERS: [(HeaderName, &str); 5] = [
    (VARY, "Accept"),
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
    let id = request_id(&request);
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let outcome = match refused_host(&request) {
        Some(host) => Err(ApiError::BadHost(host).into()),
        None => AssertUnwindSafe(next.call(request))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(ApiError::Internal("a handler panicked".into()).into())),
    };
    let sign = |headers: &mut HeaderMap| {
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(REQUEST_ID.clone(), id.clone());
    };
    // The router takes the request, so after an error there is none to make a ServiceResponse from.
    let (status, outcome) = match outcome {
        Ok(response) => {
            let mut response = response.map_into_boxed_body();
            sign(response.headers_mut());
            if shared.is_stopping() {
                response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
            (response.status(), Ok(response))
        }
        Err(error) => {
            let mut response = error.error_response();
            sign(response.headers_mut());
            (response.status(), Err(InternalError::from_response(error, response).into()))
        }
    };
    let (milliseconds, id) = (begun.elapsed().as_secs_f64() * 1e3, id.to_str().unwrap_or(""));
    log::info!("{method} {path} {} {milliseconds:.1} ms id={id}", status.as_u16());
    outcome
}

/// The id that the client sent, if it is short and has only safe characters, or else a new one.
fn request_id(request: &ServiceRequest) -> HeaderValue {
    let is_sane = |text: &&HeaderValue| {
        let bytes = text.as_bytes();
        (1..=64).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
    };
    request.headers().get(&REQUEST_ID).filter(is_sane).cloned().unwrap_or_else(|| {
        let id = hex::encode(rand::random::<[u8; 8]>());
        HeaderValue::from_str(&id).expect("hex digits are a header value")
    })
}

/// The host of the request, if it is not one that is served. Health probes are not checked, since they use the address
/// of the machine.
fn refused_host(request: &ServiceRequest) -> Option<String> {
    let state = state(request.request());
    let allowed = &state.settings.allowed_hosts;
    if allowed.is_empty() || matches!(request.path(), "/healthz" | "/readyz") {
        return None;
    }
    let host = host(request.request()).unwrap_or("").to_ascii_lowercase();
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(&*host, |(name, _)| name);
    (!allowed.iter().any(|one| one == name || *one == host)).then_some(host)
}
