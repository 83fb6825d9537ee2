//! Delivers the events of one claimed webhook, one after the other. What became of each is written down after the answer,
//! so that an event is delivered at least once.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use resizinator_shared::image_event::ImageEvent;
use resizinator_shared::metadata::{AfterTry, ClaimedWebhook, MetadataError, Try};
use tokio::time::{Instant, sleep};

use super::attempt::{attempt, error, status};
use super::send::TIME_LIMIT;
use super::slots::Slot;
use super::{Outcome, body, schedule};
use crate::state::ApiState;

/// How long nobody else delivers the events of a webhook after a claim or a success. It is longer than a delivery with
/// its statements takes, and the webhooks of a replica that dies go on within a minute.
pub(super) const LEASE: Duration = Duration::from_secs(40);

/// How long the statement after a delivery may take.
const RECORDING: Duration = Duration::from_secs(10);

/// After so many events, or so much time, other webhooks have their turn.
const EVENTS: i64 = 50;
const TURN: Duration = Duration::from_secs(10);

/// How long a delivery that runs may go on when the process begins to shut down.
const LAST_WAIT: Duration = Duration::from_secs(3);

/// Delivers events until there are no more, one fails, or others have their turn. `claimed` is when the claim began.
pub(super) async fn run(state: Arc<ApiState>, webhook: ClaimedWebhook, claimed: Instant, _room: Slot) {
    let id = webhook.address.webhook;
    if let Err(error) = deliver(&state, webhook, claimed).await {
        log::warn!("webhook {id} waits for the end of its lease: {error}");
    }
}

async fn deliver(
    state: &ApiState,
    mut webhook: ClaimedWebhook,
    claimed: Instant,
) -> Result<(), MetadataError> {
    let metadata = &state.backends.metadata;
    let (user, newest) = (webhook.address.user_id, webhook.newest);
    let events = metadata.image_events_of(user, webhook.position, newest, EVENTS).await?;
    let (begun, mut held_since) = (Instant::now(), claimed);
    for event in &events {
        let may_send = held_since.elapsed() + TIME_LIMIT + RECORDING < LEASE;
        if state.stopping.is_cancelled() || begun.elapsed() > TURN || !may_send {
            return metadata.release_webhook(&webhook, webhook.position).await;
        }
        let message_id = format!("evt_{}", event.id);
        let now = metadata.now().await?;
        let send = attempt(state, &webhook.address, &message_id, now, body::of_event(event));
        let Some(outcome) = unless_stopped(state, send).await else {
            return metadata.release_webhook(&webhook, webhook.position).await;
        };
        held_since = Instant::now();
        match record(state, &webhook, event, &message_id, &outcome).await? {
            Some(held) => webhook = held,
            None => return Ok(()),
        }
    }
    let are_all = i64::try_from(events.len()).is_ok_and(|found| found < EVENTS);
    metadata.release_webhook(&webhook, if are_all { newest } else { webhook.position }).await
}

/// Writes down what became of a try, and what follows. Returns the webhook if the next event may be delivered.
async fn record(
    state: &ApiState,
    webhook: &ClaimedWebhook,
    event: &ImageEvent,
    message_id: &str,
    outcome: &Outcome,
) -> Result<Option<ClaimedWebhook>, MetadataError> {
    let metadata = &state.backends.metadata;
    let error = error(outcome);
    let attempt = Try {
        message_id,
        kind: event.kind.full_name(),
        event: Some(event),
        status: status(outcome),
        error: error.as_deref(),
    };
    let Some(error) = &error else {
        return metadata.webhook_tried(webhook, event.id, &attempt, AfterTry::GoOn(LEASE)).await;
    };
    let end = schedule::end(outcome, error, webhook.failing_since, metadata.now().await?);
    let then = match &end {
        Some(reason) => AfterTry::Disable(reason),
        None => AfterTry::TryAgain(schedule::pause(webhook.tries, outcome)),
    };
    let tried = metadata.webhook_tried(webhook, event.id, &attempt, then).await?;
    if let Some(reason) = end {
        let (id, user) = (webhook.address.webhook, webhook.address.user_id);
        log::info!("webhook {id} of user {user} is disabled: {reason}");
    }
    Ok(tried)
}

/// The outcome of a delivery; `None` if the process shuts down before there is one.
async fn unless_stopped(state: &ApiState, send: impl Future<Output = Outcome>) -> Option<Outcome> {
    let stopped = async {
        state.stopping.cancelled().await;
        sleep(LAST_WAIT).await;
    };
    tokio::select! {
        outcome = send => Some(outcome),
        () = stopped => None,
    }
}
