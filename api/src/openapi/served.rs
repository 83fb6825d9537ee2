//! A text or a file that the program itself has.

use actix_web::http::header::{CACHE_CONTROL, ETAG, EntityTag};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use crate::etag::{is_known, tag_of};

/// Bytes with their media type and their hash.
pub(crate) struct Served {
    media_type: &'static str,
    bytes: Bytes,
    etag: EntityTag,
}

impl Served {
    pub(super) fn new(media_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let etag = tag_of(Sha256::new().chain_update(&bytes));
        Self { media_type, bytes, etag }
    }

    /// Answers 200 with the bytes, or 304 if the client has them. A client asks each time, since another release of the
    /// service may have other ones.
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let is_known = is_known(request, &self.etag);
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((ETAG, self.etag.to_string())).insert_header((CACHE_CONTROL, "no-cache"));
        match is_known {
            true => response.finish(),
            false => response.content_type(self.media_type).body(self.bytes.clone()),
        }
    }
}
