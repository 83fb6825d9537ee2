//! Webhooks: signed messages to the URLs that users name (Standard Webhooks, <https://www.standardwebhooks.com>).

mod address;
pub(crate) mod attempt;
pub(crate) mod body;
mod deliver;
pub(crate) mod dispatch;
mod message;
mod network;
mod outcome;
pub(crate) mod record;
mod schedule;
mod send;
mod signature;
pub(crate) mod slots;
mod target;
mod tls;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use resizinator_shared::settings::WebhookTargets;

pub(crate) use message::Message;
pub(crate) use outcome::{Failure, Outcome};
pub(crate) use send::Sender;
pub(crate) use signature::WebhookSecret;
pub(crate) use target::{BadTarget, Target};

/// What all deliveries of this process share.
pub(crate) struct Webhooks {
    pub(crate) sender: Sender,
    pub(crate) slots: Arc<slots::Slots>,
}

impl Webhooks {
    pub(crate) fn new(targets: WebhookTargets) -> Self {
        Self { sender: Sender::new(targets), slots: Arc::default() }
    }
}
