//! One try to deliver a message of a webhook, and what its user is told of it.

use std::time::Instant;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use resizinator_shared::metadata::WebhookAddress;

use super::{Failure, Message, Outcome, Target, WebhookSecret};
use crate::state::ApiState;

/// Sends a message to where the webhook has it. `now` is the time of the metadata store, which is right even if the clock of
/// this machine is not: receivers refuse messages whose time is far off.
pub(crate) async fn attempt(
    state: &ApiState,
    address: &WebhookAddress,
    message_id: &str,
    now: DateTime<Utc>,
    body: Bytes,
) -> Outcome {
    let target = match Target::parse(&address.url, state.settings.webhook_targets) {
        Ok(target) => target,
        // The settings have changed since it was registered.
        Err(bad) => return Failure::Target(bad).into(),
    };
    let message = Message {
        id: message_id.to_owned(),
        timestamp: now.timestamp(),
        body,
        secrets: address.secrets.iter().filter_map(|text| WebhookSecret::parse(text)).collect(),
    };
    let begun = Instant::now();
    let outcome = state.webhooks.sender.send(&target, &message).await;
    state.metrics.delivery(matches!(outcome, Outcome::Delivered { .. }), begun.elapsed());
    log::debug!("webhook {}: {message_id} to {target}: {outcome:?}", address.webhook);
    outcome
}

/// The status of the answer, if there was one.
pub(crate) fn status(outcome: &Outcome) -> Option<u16> {
    match outcome {
        Outcome::Delivered { status } | Outcome::Refused { status, .. } => Some(*status),
        Outcome::Gone => Some(410),
        Outcome::Failed(Failure::Redirect(status)) => Some(*status),
        Outcome::Failed(_) => None,
    }
}

/// What went wrong, as a sentence; `None` if the message was delivered.
pub(crate) fn error(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Delivered { .. } => None,
        Outcome::Refused { status, .. } => Some(format!("The host answered with status {status}.")),
        Outcome::Gone => Some("The host answered with status 410: it wants no more messages.".into()),
        Outcome::Failed(failure) => Some(failure.to_string()),
    }
}
