//! The parts of a request's body, as a stream that is read once.

use std::collections::VecDeque;

use actix_multipart::Multipart;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

use super::boundary::Boundary;
use super::delimiters::Delimiters;
use super::fault::BodyFault;
use crate::upload::body_limit::BodyLimit;

/// Divides a body into its parts. Every byte of the body counts towards `limit`.
pub(crate) fn parts<S>(payload: S, boundary: &Boundary, limit: BodyLimit) -> Multipart
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin + 'static,
{
    // No content can contain a boundary that is made up after the client has begun to send.
    let spoken = hex::encode(rand::random::<[u8; 16]>());
    // As mixed, since a part of form-data without a name would be an error and not just ignored.
    let content_type = HeaderValue::from_str(&format!("multipart/mixed; boundary={spoken}"));
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, content_type.expect("hex digits are a header value"));
    let delimiters = Some(Delimiters::new(boundary, spoken));
    let source = Source { payload, limit, delimiters, ready: VecDeque::new() };
    let respelled = stream::unfold(source, async |mut source| {
        let next = source.next().await?;
        Some((next, source))
    });
    // actix-multipart asks for more after the end.
    Multipart::new(&headers, respelled.fuse())
}

struct Source<S> {
    payload: S,
    limit: BodyLimit,
    /// `None` after the end of the body or an error.
    delimiters: Option<Delimiters>,
    ready: VecDeque<Bytes>,
}

impl<S> Source<S>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    /// The next bytes for actix-multipart, and nothing more after an error.
    async fn next(&mut self) -> Option<Result<Bytes, PayloadError>> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                return Some(Ok(bytes));
            }
            let mut delimiters = self.delimiters.take()?;
            let read = match self.payload.next().await {
                Some(Err(error)) => return Some(Err(error)),
                Some(Ok(chunk)) => self
                    .limit
                    .count(chunk.len())
                    .map_err(BodyFault::from)
                    .and_then(|()| delimiters.feed(&chunk, &mut self.ready))
                    .map(|()| self.delimiters = Some(delimiters)),
                None => delimiters.finish(&mut self.ready),
            };
            if let Err(fault) = read {
                return Some(Err(fault.into()));
            }
        }
    }
}
