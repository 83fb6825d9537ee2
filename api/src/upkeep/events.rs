//! The upkeep of the events of images: it removes those that are too old to be asked for.

use std::time::Duration;

use resizinator_shared::metadata::MetadataError;

use crate::state::ApiState;

/// How long events are kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// How many events one pass removes.
const BATCH: i64 = 1000;
/// How many batches one pass removes at most, so that it keeps up with any number of events.
const BATCHES: usize = 20;

pub(super) async fn run(state: &ApiState) -> Result<(), MetadataError> {
    for _ in 0..BATCHES {
        let purged = state.backends.metadata.purge_image_events(KEPT, BATCH).await?;
        if i64::try_from(purged) != Ok(BATCH) {
            break;
        }
    }
    Ok(())
}
