//! Entity tags: a client that has an answer already is told by 304 that it is still right, before anything is signed
//! (RFC 9110, section 8.8.3).

use std::fmt::Display;

use actix_web::http::header::{self, EntityTag, Header, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::failure_code::RecordedCode;
use resizinator_shared::image::Image;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::links::base_url;
use crate::state::ApiState;

/// The `Cache-Control` of an answer that holds signed URLs: its user may keep it, and asks each time whether it is still
/// right.
const PRIVATE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "private, no-cache");

/// The entity tag of an answer, which grows from everything that the answer depends on.
pub(crate) struct Etag(Sha256);

impl Etag {
    /// Begins the tag of an answer whose links begin with the base URL of the request, and whose URLs are signed now.
    pub(crate) fn signed(request: &HttpRequest, state: &ApiState) -> Self {
        Self::unsigned().with(base_url(request)).with(state.backends.objects.signing_time())
    }

    /// Begins the tag of an answer without URLs.
    pub(crate) fn unsigned() -> Self {
        Self(Sha256::new())
    }

    /// Adds something that the answer depends on.
    pub(crate) fn with(mut self, part: impl Display) -> Self {
        let text = part.to_string();
        self.0.update(text.len().to_be_bytes());
        self.0.update(text);
        self
    }

    /// Adds the parts of an image that decide what its record says.
    pub(crate) fn with_record(self, image: &Image) -> Self {
        let generation = image.visible_generation.map_or(0, resizinator_shared::ids::Generation::get);
        self.with(image.id).with(image.updated_at).with(generation)
    }

    /// Adds the parts of an image that decide what its record and its status say.
    pub(crate) fn with_status(self, image: &Image) -> Self {
        // Which codes may pass is for each version to say.
        let retryable = image.error_code.as_ref().is_some_and(RecordedCode::may_pass_later);
        self.with_record(image).with(image.state).with(image.attempts).with(retryable)
    }

    /// The answer: 304 if the client has it already, or else 200 with the body that `body` makes.
    pub(crate) async fn answer<B: Serialize, E>(
        self,
        request: &HttpRequest,
        body: impl AsyncFnOnce() -> Result<B, E>,
    ) -> Result<HttpResponse, E> {
        let tag = tag_of(self.0);
        if is_known(request, &tag) {
            return Ok(HttpResponse::NotModified()
                .insert_header(PRIVATE)
                .insert_header(header::ETag(tag))
                .finish());
        }
        let body = body().await?;
        Ok(HttpResponse::Ok().insert_header(PRIVATE).insert_header(header::ETag(tag)).json(body))
    }
}

/// The entity tag that stands for everything that was hashed.
pub(crate) fn tag_of(hash: Sha256) -> EntityTag {
    EntityTag::new_strong(hex::encode(&hash.finalize()[..16]))
}

/// Whether the client names the tag. A header that cannot be read names none.
pub(crate) fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}
