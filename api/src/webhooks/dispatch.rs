//! The dispatcher: the task that claims the webhooks that are due and has their events delivered. Every replica runs it.
//! Each webhook is claimed for itself, so that none waits behind another.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use resizinator_shared::metadata::MetadataError;
use tokio::time::{Instant, sleep};

use super::deliver::{self, LEASE};
use crate::state::ApiState;

/// How long a webhook waits at most that is due because of another replica, or of a pause that is over.
const POLL: Duration = Duration::from_secs(2);

/// Runs until the process begins to shut down.
pub(crate) async fn run(state: Arc<ApiState>) {
    let mut was_away = false;
    while !state.stopping.is_cancelled() {
        let mut numbered = pin!(state.backends.metadata.image_events_numbered());
        // From here on no event is overlooked.
        numbered.as_mut().enable();
        let outcome = start_due(&state).await;
        match &outcome {
            Err(error @ MetadataError::Defect { .. }) if !was_away => log::error!("webhooks wait: {error}"),
            Err(error) if !was_away => log::warn!("webhooks wait: {error}"),
            Ok(()) if was_away => log::info!("webhooks go on"),
            _ => {}
        }
        was_away = outcome.is_err();
        tokio::select! {
            () = numbered => {}
            () = state.webhooks.slots.freed() => {}
            () = sleep(POLL) => {}
            () = state.stopping.cancelled() => {}
        }
    }
}

/// Begins to deliver the events of webhooks that are due, as long as there is room.
async fn start_due(state: &Arc<ApiState>) -> Result<(), MetadataError> {
    let (metadata, slots) = (&state.backends.metadata, &state.webhooks.slots);
    while !state.stopping.is_cancelled()
        && let Some(without_room) = slots.users_without_room()
    {
        let claimed = Instant::now();
        let Some(webhook) = metadata.claim_webhook(LEASE, &without_room).await? else { break };
        match slots.take(webhook.address.user_id) {
            Ok(slot) => {
                let deliver = deliver::run(Arc::clone(state), webhook, claimed, slot);
                state.under_way.spawn(deliver);
            }
            // The user has begun a test meanwhile.
            Err(_) => metadata.release_webhook(&webhook, webhook.position).await?,
        }
    }
    Ok(())
}
