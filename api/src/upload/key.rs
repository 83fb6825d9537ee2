//! The key that a client gives to an upload in the header `Idempotency-Key`, and the answers to a repeated upload.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;
use resizinator_shared::idempotency::{IdempotencyKey, UploadDigest};
use resizinator_shared::ids::UserId;
use resizinator_shared::image::Image;
use resizinator_shared::metadata::{KnownKey, UploadKey};

use super::receive::ReceivedFile;
use crate::error::ApiError;
use crate::state::ApiState;

pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The key of a request, if it has one.
pub(crate) fn key_of(request: &HttpRequest) -> Result<Option<IdempotencyKey>, ApiError> {
    let mut values = request.headers().get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(ApiError::BadKey("it is there more than once".into()));
    }
    // Bytes that are no visible ASCII are as wrong as a key that is too long.
    let key = value.to_str().unwrap_or_default().trim().parse();
    key.map(Some).map_err(|error: resizinator_shared::idempotency::BadIdempotencyKey| {
        ApiError::BadKey(error.to_string().into())
    })
}

/// The image of an upload that is known by its key, or the answer to whoever repeats the upload.
pub(super) fn image_of(known: KnownKey) -> Result<Image, ApiError> {
    match known {
        KnownKey::Accepted(image) => Ok(*image),
        KnownKey::Deleted => Err(ApiError::NoSuchImage),
        KnownKey::Running => Err(ApiError::KeyInUse),
        KnownKey::OtherFile => Err(ApiError::KeyOfOther),
    }
}

/// The image of an earlier upload of this file with this key; `None` if there was none.
pub(crate) async fn known(
    state: &ApiState,
    user_id: UserId,
    key: &IdempotencyKey,
    file: &ReceivedFile,
) -> Result<Option<Image>, ApiError> {
    let digest = UploadDigest::of(&file.received.sha256, &file.name);
    let known = state.backends.metadata.known_key(&UploadKey { user_id, key, digest: &digest }).await?;
    known.map(image_of).transpose()
}
