//! Delivers the events of one claimed webhook, one after the other. What became of each is written down after the answer,
//! so that an event is delivered at least once.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use resizinator_shared::back_off::BackOff;
use resizinator_shared::ids::ImageEventId;
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

/// The first and the longest pause between two tries to reach the database while the claim holds.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

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
    let (begun, mut held_since) = (Instant::now(), claimed);
    let events =
        while_held(state, held_since, || metadata.image_events_of(user, webhook.position, newest, EVENTS))
            .await?;
    for event in &events {
        let now = while_held(state, held_since, || metadata.now()).await?;
        let may_send = held_since.elapsed() + TIME_LIMIT + RECORDING < LEASE;
        if state.stopping.is_cancelled() || begun.elapsed() > TURN || !may_send {
            return release(state, held_since, &webhook, webhook.position).await;
        }
        let message_id = format!("evt_{}", event.id);
        let send = attempt(state, &webhook.address, &message_id, now, body::of_event(event));
        let Some(outcome) = unless_stopped(state, send).await else {
            return release(state, held_since, &webhook, webhook.position).await;
        };
        let answered = Instant::now();
        let record = || record(state, &webhook, event, &message_id, &outcome);
        match while_held(state, held_since, record).await? {
            Some(held) => (webhook, held_since) = (held, answered),
            None => return Ok(()),
        }
    }
    let are_all = i64::try_from(events.len()).is_ok_and(|found| found < EVENTS);
    release(state, held_since, &webhook, if are_all { newest } else { webhook.position }).await
}

/// Gives up the claim of a webhook, whose events up to `position` are done with.
async fn release(
    state: &ApiState,
    held_since: Instant,
    webhook: &ClaimedWebhook,
    position: ImageEventId,
) -> Result<(), MetadataError> {
    let metadata = &state.backends.metadata;
    while_held(state, held_since, || metadata.release_webhook(webhook, position)).await
}

/// Makes a call to the database that does no harm if it is made twice. It is repeated while the database is away and the claim
/// still holds. Without that, nobody would deliver the events of the webhook before the lease ends.
async fn while_held<T, F>(
    state: &ApiState,
    held_since: Instant,
    call: impl Fn() -> F,
) -> Result<T, MetadataError>
where
    F: Future<Output = Result<T, MetadataError>>,
{
    let mut back_off = BackOff::new(FIRST_PAUSE, LONGEST_PAUSE);
    loop {
        match call().await {
            Err(MetadataError::Unavailable(_))
                if held_since.elapsed() + RECORDING < LEASE && !state.stopping.is_cancelled() =>
            {
                back_off.pause().await;
            }
            outcome => return outcome,
        }
    }
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
