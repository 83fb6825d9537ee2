//! Request bodies without a file: JSON and URL-encoded forms.

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use actix_web::web::{BytesMut, Payload};
use futures_util::StreamExt;
use serde_json::{Map, Value};

use super::body_limit::announced;
use crate::error::ApiError;

/// The largest size of such a body, in bytes.
const LIMIT: usize = 64 << 10;

/// How much of an unknown content encoding is repeated in the answer, in characters.
const SHOWN: usize = 100;

/// Reads the whole body into memory.
pub(crate) async fn collect(request: &HttpRequest, mut payload: Payload) -> Result<BytesMut, ApiError> {
    if has_body(request) {
        refuse_encoding(request)?;
    }
    if let Some(announced) = announced(request).filter(|announced| *announced > LIMIT as u64) {
        return Err(too_long(format_args!("announces {announced}")));
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| ApiError::Parse(format!("The body cannot be read: {error}.")))?;
        if body.len() + chunk.len() > LIMIT {
            return Err(too_long(format_args!("has more")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

pub(crate) fn too_long(came: std::fmt::Arguments<'_>) -> ApiError {
    ApiError::TooLong(format!("The limit for a body without a file is {LIMIT} bytes, and this one {came}."))
}

/// Refuses a body that is compressed or encoded otherwise, since nothing here decodes it.
pub(crate) fn refuse_encoding(request: &HttpRequest) -> Result<(), ApiError> {
    let values = request.headers().get_all(CONTENT_ENCODING);
    let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    let mut encodings = values.iter().flat_map(|value| value.split(',')).map(str::trim);
    match encodings.find(|encoding| !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity")) {
        Some(encoding) => Err(ApiError::UnsupportedEncoding(encoding.chars().take(SHOWN).collect())),
        None => Ok(()),
    }
}

/// The media type of the body, in lower case and without parameters; empty if the client names none.
pub(crate) fn media_type(request: &HttpRequest) -> String {
    content_type(request).split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

/// Whether the request has a body (RFC 9112, section 6.3).
pub(crate) fn has_body(request: &HttpRequest) -> bool {
    let headers = request.headers();
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).unwrap_or("0");
    headers.contains_key(TRANSFER_ENCODING) || length.trim() != "0"
}

/// The fields of a JSON object or of a form. There are none if there is no body, or if the JSON is not an object.
pub(crate) fn fields(request: &HttpRequest, body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match media_type(request).as_str() {
        "application/json" => match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(_) => Ok(Map::new()),
            Err(error) => Err(ApiError::Parse(format!("JSON parse error - {error}"))),
        },
        "application/x-www-form-urlencoded" => Ok(url::form_urlencoded::parse(body)
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect()),
        _ => Err(unsupported(request)),
    }
}

pub(crate) fn unsupported(request: &HttpRequest) -> ApiError {
    ApiError::UnsupportedMediaType(content_type(request).to_owned())
}

/// The value of the header `Content-Type`; empty if there is none.
pub(crate) fn content_type(request: &HttpRequest) -> &str {
    request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("")
}
