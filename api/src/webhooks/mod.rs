//! Webhooks: signed messages to the URLs that users name (Standard Webhooks, <https://www.standardwebhooks.com>).

mod address;
mod message;
mod network;
mod outcome;
mod send;
mod signature;
mod target;
mod tls;

#[cfg(test)]
mod tests;

pub(crate) use message::Message;
pub(crate) use outcome::{Failure, Outcome};
pub(crate) use send::Sender;
pub(crate) use signature::WebhookSecret;
pub(crate) use target::{BadTarget, Target};
