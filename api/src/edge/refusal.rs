//! The answers that are written to a socket without a request, when there is none to answer.

use actix_web::http::StatusCode;
use serde_json::json;

/// A whole answer in bytes, after which the connection is closed.
pub(super) fn answer(status: StatusCode, sentence: &str, retry_after: Option<u32>) -> Vec<u8> {
    let body = json!({ "detail": sentence }).to_string();
    let id = hex::encode(rand::random::<[u8; 8]>());
    let retry_after = retry_after.map(|seconds| format!("Retry-After: {seconds}\r\n")).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nVary: Accept\r\nX-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n\
         Referrer-Policy: same-origin\r\nCross-Origin-Opener-Policy: same-origin\r\nX-Request-Id: {id}\r\n\
         {retry_after}\r\n",
        body.len()
    );
    (head + &body).into_bytes()
}
