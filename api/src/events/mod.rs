//! Streams of events: a client is told what happens to its user's images as soon as it happens. One reader of a process
//! serves all of its streams, see [`Hub`]; what a stream has missed it reads itself, see [`EventStream`].

mod frame;
mod hub;
mod stream;

pub(crate) use hub::{Hub, STREAMS_PER_USER, Subscription};
pub(crate) use stream::{After, EventStream};
