//! Removes the objects of tombstones, once more when no put can be running any more, and then the row.

use std::time::Duration;

use resizinator_shared::metadata::MetadataError;
use resizinator_shared::objects::ObjectKey;

use crate::state::State;

const BATCH: i64 = 100;
/// More than clocks and scheduling can add to a put that began within its lease.
const MARGIN: Duration = Duration::from_secs(30);

pub(super) async fn run(state: &State) -> Result<(), MetadataError> {
    let (metadata, objects, limits) =
        (&state.backends.metadata, &state.backends.objects, &state.settings.limits);
    for image in metadata.to_purge(BATCH).await? {
        if let Err(error) = objects.delete(&ObjectKey::all_of(&image)).await {
            log::warn!("image {} cannot be purged yet: {error}", image.id);
            return Ok(());
        }
        metadata.mark_purged(image.id, limits.lease + limits.upload + MARGIN).await?;
    }
    for image in metadata.to_purge_again(BATCH).await? {
        if let Err(error) = objects.delete(&ObjectKey::all_of(&image)).await {
            log::warn!("image {} cannot be purged yet: {error}", image.id);
            return Ok(());
        }
        metadata.remove_row(image.id).await?;
    }
    Ok(())
}
