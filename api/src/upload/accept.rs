//! The acceptance of an upload. It creates the row, stores the object and marks the row as accepted, and only then the
//! client gets its 201. If the process dies in between, it leaves a row that upkeep removes, or an accepted image whose
//! job upkeep publishes.

use std::sync::Arc;

use actix_web::web::Data;
use resizinator_shared::idempotency::{IdempotencyKey, UploadDigest};
use resizinator_shared::ids::{ObjectId, TokenId, UserId};
use resizinator_shared::image::{Image, StoredHeader};
use resizinator_shared::metadata::{Acceptance, NewImage, Receipt, UploadKey};
use resizinator_shared::objects::{Content, ObjectKey};
use resizinator_shared::trace::Trace;

use super::check::CheckedFile;
use super::claim::{Claim, LEASE};
use super::key::image_of;
use crate::auth::NO_ACCESS;
use crate::error::ApiError;
use crate::state::ApiState;
use crate::upkeep;

/// Accepts the upload and returns its image. If an upload with the same key was accepted before, its image is returned,
/// and nothing is stored.
pub(crate) async fn accept(
    state: &Data<ApiState>,
    user_id: UserId,
    token: TokenId,
    key: Option<IdempotencyKey>,
    file: CheckedFile,
    trace: &Trace,
) -> Result<Image, ApiError> {
    let object_id = ObjectId::random();
    let held = state.turns.has_to_wait();
    let new = NewImage {
        user_id,
        object_id: &object_id,
        file_name: &file.name,
        format: file.header.format,
        bytes: i64::try_from(file.received.len).unwrap_or(i64::MAX),
        sha256: &file.received.sha256,
        header: StoredHeader {
            width: file.header.width,
            height: file.header.height,
            frames: file.header.frames,
        },
        trace,
        held,
    };
    let image = match key {
        None => {
            let image = state.backends.metadata.receive(&new).await?;
            put(state, &image, file.received.content).await?;
            drop(file.room);
            accept_stored(state, &image, token, None).await?
        }
        Some(key) => {
            let digest = UploadDigest::of(new.sha256, new.file_name);
            let upload = UploadKey { user_id, key: &key, digest: &digest };
            let image = match state.backends.metadata.receive_once(&new, &upload, LEASE).await? {
                Receipt::Received(image) => *image,
                Receipt::Known(known) => return image_of(known),
            };
            let claim = Claim::new(Arc::clone(state), image.clone(), key);
            let stored = claim.while_running(put(state, &image, file.received.content)).await;
            stored.unwrap_or_else(|| Err(given_up()))?;
            drop(file.room);
            let image = accept_stored(state, &image, token, Some(&claim.key)).await?;
            claim.keep();
            image
        }
    };
    // The job is published after the answer, so that the broker can neither fail an upload nor slow it down.
    if held {
        state.turns.hold();
    } else {
        state.under_way.spawn(upkeep::publish(Arc::clone(state), image.clone()));
    }
    Ok(image)
}

async fn put(state: &ApiState, image: &Image, content: Content) -> Result<(), ApiError> {
    let key = ObjectKey::original(image);
    // Upkeep relies on this limit: no put runs longer.
    let put = tokio::time::timeout(state.settings.limits.upload, state.backends.objects.put(&key, content));
    let in_time = put.await.map_err(|_| {
        ApiError::Unavailable("the object store took longer than RESIZINATOR_UPLOAD_TIMEOUT".into())
    })?;
    Ok(in_time?)
}

async fn accept_stored(
    state: &ApiState,
    image: &Image,
    token: TokenId,
    key: Option<&IdempotencyKey>,
) -> Result<Image, ApiError> {
    let (metadata, quotas) = (&state.backends.metadata, state.settings.limits.quotas);
    let acceptance = match key {
        None => metadata.accept(image, quotas, Some(token)).await?,
        Some(key) => metadata.accept_once(image, key, quotas, Some(token)).await?,
    };
    let refusal = match acceptance {
        Acceptance::Accepted(image) => return Ok(*image),
        Acceptance::OverQuota(over) => over.into(),
        Acceptance::NoAccess => ApiError::NotAuthenticated(NO_ACCESS),
        Acceptance::GivenUp => given_up(),
    };
    // Upkeep removes the original. The upload with a key is given up with it.
    if key.is_none() {
        metadata.give_up(image.id).await?;
        state.buried.notify_one();
    }
    Err(refusal)
}

fn given_up() -> ApiError {
    ApiError::Unavailable("the upload was given up while it was stored".into())
}
