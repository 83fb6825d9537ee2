//! Removes objects that are not needed any more. The objects of a tombstone are removed twice, the second time when no
//! put can be running any more, and then its row is removed. Images that were reprocessed lose their old variants.

use resizinator_shared::metadata::MetadataError;
use resizinator_shared::objects::ObjectKey;

use super::RESERVED;
use crate::state::ApiState;

const BATCH: i64 = 100;

pub(super) async fn run(state: &ApiState) -> Result<(), MetadataError> {
    let (metadata, objects, limits) =
        (&state.backends.metadata, &state.backends.objects, &state.settings.limits);
    for image in metadata.reserve(metadata.to_purge(BATCH).await?, RESERVED).await? {
        if let Err(error) = objects.delete(&ObjectKey::all_of(&image)).await {
            log::warn!("{}: it cannot be purged yet: {error}", image.log_name());
            return Ok(());
        }
        metadata.mark_purged(image.id, limits.latest_put()).await?;
    }
    for image in metadata.reserve(metadata.to_purge_again(BATCH).await?, RESERVED).await? {
        if let Err(error) = objects.delete(&ObjectKey::all_of(&image)).await {
            log::warn!("{}: it cannot be purged yet: {error}", image.log_name());
            return Ok(());
        }
        metadata.remove_row(image.id).await?;
    }
    for image in metadata.reserve(metadata.outdated(BATCH).await?, RESERVED).await? {
        if let Err(error) = objects.delete(&ObjectKey::outdated_of(&image)).await {
            log::warn!("{}: its old variants cannot be removed yet: {error}", image.log_name());
            return Ok(());
        }
        metadata.mark_up_to_date(&image).await?;
    }
    Ok(())
}
