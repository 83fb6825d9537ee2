//! A text or a file that the program itself has.

use actix_web::http::header::{
    AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, ETAG, Encoding, EntityTag, Header, VARY,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use crate::etag::{is_known, tag_of};

/// Bytes with their media type.
pub(crate) struct Served {
    media_type: &'static str,
    plain: Form,
    /// The bytes compressed by gzip, if they are there in this form too.
    gzip: Option<Form>,
}

/// One form of the bytes, with its hash.
struct Form {
    bytes: Bytes,
    etag: EntityTag,
}

impl Form {
    fn new(bytes: Bytes) -> Self {
        let etag = tag_of(Sha256::new().chain_update(&bytes));
        Self { bytes, etag }
    }
}

impl Served {
    pub(super) fn new(media_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        Self { media_type, plain: Form::new(bytes.into()), gzip: None }
    }

    /// Bytes that are also there compressed by gzip.
    pub(crate) fn packed(media_type: &'static str, plain: &'static [u8], gzip: &'static [u8]) -> Self {
        let gzip = Some(Form::new(Bytes::from_static(gzip)));
        Self { media_type, plain: Form::new(Bytes::from_static(plain)), gzip }
    }

    /// Answers 200 with the bytes, or 304 if the client has them. A client asks each time, since another release of the
    /// service may have other ones.
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let gzip = self.gzip.as_ref().filter(|_| takes_gzip(request));
        let form = gzip.unwrap_or(&self.plain);
        let is_known = is_known(request, &form.etag);
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((ETAG, form.etag.to_string())).insert_header((CACHE_CONTROL, "no-cache"));
        if self.gzip.is_some() {
            response.insert_header((VARY, "Accept-Encoding"));
        }
        if is_known {
            return response.finish();
        }
        if gzip.is_some() {
            response.insert_header((CONTENT_ENCODING, "gzip"));
        }
        response.content_type(self.media_type).body(form.bytes.clone())
    }
}

fn takes_gzip(request: &HttpRequest) -> bool {
    // A client that says nothing may not know how to unpack it.
    AcceptEncoding::parse(request).is_ok_and(|accepted| {
        !accepted.is_empty() && accepted.negotiate([Encoding::gzip()].iter()) == Some(Encoding::gzip())
    })
}
