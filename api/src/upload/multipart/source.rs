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
    let source = Source { payload, limit, delimiters, ready: VecDeque::new(), fault: None };
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
    /// `None` after the end of the body or a fault.
    delimiters: Option<Delimiters>,
    /// What comes before the fault.
    ready: VecDeque<Bytes>,
    fault: Option<PayloadError>,
}

impl<S> Source<S>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    /// The next bytes for actix-multipart, and nothing more after a fault.
    async fn next(&mut self) -> Option<Result<Bytes, PayloadError>> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                return Some(Ok(bytes));
            }
            if let Some(fault) = self.fault.take() {
                return Some(Err(fault));
            }
            let delimiters = self.delimiters.take()?;
            match self.payload.next().await {
                Some(Ok(chunk)) => self.feed(delimiters, &chunk),
                Some(Err(error)) => self.fault = Some(error),
                None => self.fault = delimiters.finish(&mut self.ready).err().map(PayloadError::from),
            }
        }
    }

    fn feed(&mut self, mut delimiters: Delimiters, chunk: &[u8]) {
        let counted = self.limit.count(chunk.len()).map_err(BodyFault::from);
        match counted.and_then(|()| delimiters.feed(chunk, &mut self.ready)) {
            Ok(()) => self.delimiters = Some(delimiters),
            Err(fault) => self.fault = Some(fault.into()),
        }
    }
}
