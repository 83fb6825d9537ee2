//! The answers that are written to a socket without a request, when there is none to answer.

use std::time::Duration;

use actix_web::http::StatusCode;
use resizinator_shared::trace::RequestId;
use serde_json::json;

use super::connection::READ_AHEAD;
use crate::middleware::envelope::HEADERS;

/// The header of an answer without a body.
const EMPTY: &[u8] = b"content-length: 0\r\n";

/// A whole answer in bytes, after which the connection is closed.
pub(super) fn answer(status: StatusCode, sentence: &str, retry_after: Option<u32>) -> Vec<u8> {
    let body = json!({ "detail": sentence }).to_string();
    let everywhere: String = HEADERS.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let id = RequestId::random();
    let retry_after = retry_after.map(|seconds| format!("Retry-After: {seconds}\r\n")).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nVary: Accept\r\n{everywhere}X-Request-Id: {}\r\n{retry_after}\r\n",
        body.len(),
        id.as_str(),
    );
    (head + &body).into_bytes()
}

/// The answer to a head that takes longer than `limit`.
pub(super) fn head_too_slow(limit: Duration) -> Vec<u8> {
    let limit = limit.as_secs();
    let sentence = format!("The limit head_timeout is {limit} s, and the head of the request took longer.");
    answer(StatusCode::REQUEST_TIMEOUT, &sentence, None)
}

/// The answer to a head that is longer than what is read of one.
pub(super) fn head_too_long() -> Vec<u8> {
    let sentence =
        format!("The head of the request has more than {READ_AHEAD} bytes or more than 96 fields.");
    answer(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, &sentence, None)
}

/// The HTTP server answers what it cannot read as a request with a status alone. This is the same answer with a
/// sentence; `None` if `written` is another answer.
pub(super) fn in_json(written: &[u8]) -> Option<Vec<u8>> {
    let answer = if written.starts_with(b"HTTP/1.1 400 ") {
        let sentence = "The request is not valid HTTP/1.1, or it can be understood in two ways.";
        answer(StatusCode::BAD_REQUEST, sentence, None)
    } else if written.starts_with(b"HTTP/1.1 431 ") {
        head_too_long()
    } else {
        return None;
    };
    written.windows(EMPTY.len()).any(|window| window.eq_ignore_ascii_case(EMPTY)).then_some(answer)
}
