//! The acceptance of an upload. It creates the row, stores the object and marks the row as accepted, and only then the
//! client gets its 201. If the process dies in between, it leaves a row that upkeep removes, or an accepted image whose
//! job upkeep publishes.

use actix_web::web::Data;
use resizinator_shared::ids::{ObjectId, TokenId, UserId};
use resizinator_shared::image::{Image, StoredHeader};
use resizinator_shared::metadata::{Acceptance, NewImage};
use resizinator_shared::objects::ObjectKey;
use resizinator_shared::trace::Trace;

use super::check::CheckedFile;
use crate::auth::NO_ACCESS;
use crate::error::ApiError;
use crate::state::ApiState;
use crate::upkeep;

pub(crate) async fn accept(
    state: &Data<ApiState>,
    user_id: UserId,
    token: TokenId,
    file: CheckedFile,
    trace: &Trace,
) -> Result<Image, ApiError> {
    let metadata = &state.backends.metadata;
    let object_id = ObjectId::random();
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
    };
    let image = metadata.receive(&new).await?;
    let key = ObjectKey::original(&image);
    // Upkeep relies on this limit: no put runs longer.
    tokio::time::timeout(
        state.settings.limits.upload,
        state.backends.objects.put(&key, file.received.content),
    )
    .await
    .map_err(|_| {
        ApiError::Unavailable("the object store took longer than RESIZINATOR_UPLOAD_TIMEOUT".into())
    })??;
    drop(file.room);
    let image = match metadata.accept(&image, state.settings.limits.quotas, Some(token)).await? {
        Acceptance::Accepted(image) => *image,
        refused => {
            // Upkeep removes the original.
            metadata.give_up(image.id).await?;
            state.buried.notify_one();
            return Err(match refused {
                Acceptance::OverQuota(over) => over.into(),
                Acceptance::NoAccess => ApiError::NotAuthenticated(NO_ACCESS),
                _ => ApiError::Unavailable("the upload was given up while it was stored".into()),
            });
        }
    };
    // The job is published after the answer, so that the broker can neither fail an upload nor slow it down.
    state.under_way.spawn(upkeep::publish(state.clone().into_inner(), image.clone()));
    Ok(image)
}
