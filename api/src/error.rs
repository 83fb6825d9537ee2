//! The errors of requests. Only this module maps an error to a status and a body.

use std::borrow::Cow;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use resizinator_shared::account::OverQuota;
use resizinator_shared::metadata::MetadataError;
use resizinator_shared::objects::ObjectError;
use resizinator_shared::page::BadParameter;
use serde_json::{Value, json};

use crate::metrics::Limit;
use crate::rates::Throttled;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("Not found.")]
    NotFound,
    #[error("No Image matches the given query.")]
    NoSuchImage,
    #[error("No Token matches the given query.")]
    NoSuchToken,
    #[error("No Webhook matches the given query.")]
    NoSuchWebhook,
    #[error("Could not satisfy the request Accept header.")]
    NotAcceptable,
    #[error("{0}")]
    NotAuthenticated(&'static str),
    #[error("Method \"{0}\" not allowed.")]
    MethodNotAllowed(String),
    /// The body cannot be read as its content type.
    #[error("{0}")]
    Parse(String),
    #[error("Unsupported media type \"{0}\" in request.")]
    UnsupportedMediaType(String),
    #[error("Unsupported content encoding \"{0}\" in request.")]
    UnsupportedEncoding(String),
    /// The field `original` is missing, or its file is refused.
    #[error("{0}")]
    Original(String),
    /// A field of the body is missing or wrong.
    #[error("{1}")]
    Field(&'static str, String),
    /// A parameter of the query is wrong.
    #[error("{}", .0.message)]
    Parameter(#[from] BadParameter),
    /// The image is not in a state in which the request can be done, or the user has as much as one user may have.
    #[error("{0}")]
    Conflict(String),
    /// The upload has more bytes than the limit.
    #[error("{0}")]
    TooLarge(String),
    /// A body without a file has more bytes than the limit for such bodies.
    #[error("{0}")]
    TooLong(String),
    /// The upload would take the user beyond a quota.
    #[error("{0}")]
    OverQuota(#[from] OverQuota),
    /// The user has as many of something running as one user may have.
    #[error("{1}")]
    TooMany(Limit, String),
    /// The request came sooner than a limit allows.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The header `Idempotency-Key` is no key, or is there twice.
    #[error("Invalid Idempotency-Key header: {0}.")]
    BadKey(Cow<'static, str>),
    /// The key belongs to an upload of another file, or of another name.
    #[error("The Idempotency-Key belongs to another upload: another file, or another name for it.")]
    KeyOfOther,
    /// The upload that has the key is still running.
    #[error("An upload with this Idempotency-Key is still running.")]
    KeyInUse,
    /// This process has no room for such a request now.
    #[error("{1}")]
    Busy(Limit, String),
    #[error("Invalid Host header: {0:?} is not one of the hosts that are served here.")]
    BadHost(String),
    #[error("Invalid Host header: {0:?} is not a host with an optional port.")]
    MalformedHost(String),
    #[error("The proxy forwards a request whose scheme is {0:?}; http or https is expected.")]
    BadScheme(String),
    /// A limit of the browser's cross-origin protocol.
    #[error("{0}.")]
    CrossOrigin(String),
    /// The body of the request came too slowly. The fields are the limits.
    #[error(
        "The body of the request came too slowly: at least {rate} bytes a second are expected, on average over {} s.",
        stall.as_secs()
    )]
    TooSlow { rate: u64, stall: Duration },
    #[error("{0}")]
    Forbidden(&'static str),
    /// An error of a request about an account, whose body is `{"error": …}`.
    #[error("{1}")]
    Account(StatusCode, Cow<'static, str>),
    /// A backend is away. Its message goes only to the log.
    #[error("The service is temporarily unavailable, please try again later.")]
    Unavailable(String),
    /// The service is at fault. The reason goes only to the log.
    #[error("A server error occurred.")]
    Internal(String),
}

impl ApiError {
    /// The body of the answer.
    pub(crate) fn body(&self) -> Value {
        let message = self.to_string();
        match self {
            Self::Original(_) | Self::OverQuota(_) | Self::TooLarge(_) => json!({ "original": [message] }),
            Self::Account(..) => json!({ "error": message }),
            Self::Field(name, _) => json!({ *name: [message] }),
            Self::Parameter(bad) => json!({ &bad.name: [message] }),
            _ => json!({ "detail": message }),
        }
    }

    /// The limit that refused the request, if it was one.
    pub(crate) fn limit(&self) -> Option<Limit> {
        match self {
            Self::TooLarge(_) | Self::TooLong(_) => Some(Limit::BodySize),
            Self::OverQuota(_) => Some(Limit::Quota),
            Self::TooMany(limit, _) | Self::Busy(limit, _) => Some(*limit),
            Self::Throttled(throttled) => Some(Limit::Rate(throttled.limit())),
            Self::TooSlow { .. } => Some(Limit::MinRate),
            _ => None,
        }
    }

    /// The header of the answer that only this kind of error has.
    pub(crate) fn header(&self) -> Option<(HeaderName, String)> {
        match self {
            Self::NotAuthenticated(_) => Some((WWW_AUTHENTICATE, "Token".into())),
            Self::Unavailable(_) | Self::Busy(..) | Self::TooMany(..) => Some((RETRY_AFTER, "5".into())),
            // An upload is seldom stored for longer.
            Self::KeyInUse => Some((RETRY_AFTER, "2".into())),
            Self::Throttled(throttled) => Some((RETRY_AFTER, throttled.seconds().to_string())),
            _ => None,
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoSuchImage | Self::NoSuchToken | Self::NoSuchWebhook => {
                StatusCode::NOT_FOUND
            }
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::NotAuthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Parse(_)
            | Self::BadHost(_)
            | Self::MalformedHost(_)
            | Self::BadScheme(_)
            | Self::CrossOrigin(_)
            | Self::Parameter(_)
            | Self::BadKey(_) => StatusCode::BAD_REQUEST,
            Self::Conflict(_) | Self::KeyInUse => StatusCode::CONFLICT,
            Self::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::UnsupportedMediaType(_) | Self::UnsupportedEncoding(_) => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            Self::Original(_) | Self::OverQuota(_) | Self::Field(..) | Self::KeyOfOther => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::TooLarge(_) | Self::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Account(status, _) => *status,
            Self::TooMany(..) | Self::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) | Self::Busy(..) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Unavailable(cause) | Self::Busy(_, cause) => log::warn!("answered 503: {cause}"),
            Self::Internal(cause) => log::error!("answered 500: {cause}"),
            _ => {}
        }
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(header) = self.header() {
            response.insert_header(header);
        }
        response.json(self.body())
    }
}

impl From<MetadataError> for ApiError {
    fn from(error: MetadataError) -> Self {
        Self::from(&error)
    }
}

impl From<&MetadataError> for ApiError {
    fn from(error: &MetadataError) -> Self {
        match error {
            MetadataError::Unavailable(_) => Self::Unavailable(error.to_string()),
            // `error_response` logs the error once, with the name of the statement.
            MetadataError::Taken(_) | MetadataError::Defect { .. } => Self::Internal(error.to_string()),
        }
    }
}

impl From<ObjectError> for ApiError {
    fn from(error: ObjectError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
