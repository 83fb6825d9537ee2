//! One stream of events. It begins with what the client has missed, and goes on with what the hub hands out.

use std::time::Duration;

use actix_web::web::Data;
use bytes::Bytes;
use resizinator_shared::ids::{ImageEventId, UserId};
use resizinator_shared::metadata::MetadataError;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until, timeout};

use super::{Subscription, frame};
use crate::state::ApiState;

/// How long nothing is sent at most, so that proxies keep the connection open.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a client waits for the hub to begin.
const PATIENCE: Duration = Duration::from_secs(4);
/// How many events a stream reads at a time that it has missed.
const BATCH: i64 = 200;

/// A stream of the events of one user.
pub(crate) struct EventStream {
    state: Data<ApiState>,
    user: UserId,
    subscription: Subscription,
    /// The last event that was sent.
    last: ImageEventId,
    /// Events up to this one are read from the metadata store.
    missed: ImageEventId,
    /// What is sent first.
    beginning: Option<Bytes>,
    has_ended: bool,
}

impl EventStream {
    /// Begins a stream after the event `after`, or now. If that event is not known, the client is told with `reset` that
    /// it may have missed some, and the stream begins now.
    pub(crate) async fn begin(
        state: Data<ApiState>,
        user: UserId,
        subscription: Subscription,
        after: Option<After>,
    ) -> Result<Self, MetadataError> {
        timeout(PATIENCE, state.events.reading())
            .await
            .map_err(|_| MetadataError::Unavailable("events are not read now".into()))?;
        // Everything after this comes from the hub, which has read no further before the subscription.
        let range = state.backends.metadata.image_event_range().await?;
        let (last, beginning) = match after {
            None => (range.newest, frame::beginning(range.newest)),
            Some(After::Event(id)) if (range.purged..=range.newest).contains(&id) => {
                (id, frame::beginning(id))
            }
            Some(_) => (range.newest, frame::beginning(range.newest) + &frame::reset(range.newest)),
        };
        let beginning = Some(Bytes::from(beginning));
        Ok(Self { state, user, subscription, last, missed: range.newest, beginning, has_ended: false })
    }

    /// The next bytes of the stream; `None` at its end.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        if let Some(beginning) = self.beginning.take() {
            return Some(beginning);
        }
        if self.has_ended {
            return None;
        }
        let heartbeat = Instant::now() + HEARTBEAT;
        loop {
            if self.last < self.missed {
                match Box::pin(self.catch_up()).await {
                    Ok(None) => continue,
                    Ok(Some(frames)) => return Some(frames),
                    Err(error) => {
                        log::debug!("a stream of events ends, to be resumed by its client: {error}");
                        return None;
                    }
                }
            }
            tokio::select! {
                biased;
                () = self.state.stopping.cancelled() => {
                    self.has_ended = true;
                    return Some(frame::END);
                }
                () = self.subscription.ended.cancelled() => return None,
                event = self.subscription.events.recv() => match event {
                    Ok(event) if event.id <= self.last => {}
                    Ok(event) => {
                        self.last = event.id;
                        return Some(frame::of(&event).into());
                    }
                    // What was dropped is numbered, but the hub may not have come to the end of its batch.
                    Err(RecvError::Lagged(_)) => self.missed = self.newest().await?,
                    Err(RecvError::Closed) => return None,
                },
                () = sleep_until(heartbeat) => return Some(self.heartbeat()),
            }
        }
    }

    /// The last event that is numbered; `None` if nobody can tell now, so that the stream has to end.
    async fn newest(&self) -> Option<ImageEventId> {
        let range = Box::pin(self.state.backends.metadata.image_event_range()).await;
        let error = match range {
            Ok(range) => return Some(range.newest),
            Err(error) => error,
        };
        log::debug!("a stream of events ends, to be resumed by its client: {error}");
        None
    }

    /// Reads a batch of the events that were missed; `None` if there is none left.
    async fn catch_up(&mut self) -> Result<Option<Bytes>, MetadataError> {
        let metadata = &self.state.backends.metadata;
        let events = metadata.image_events_of(self.user, self.last, self.missed, BATCH).await?;
        if i64::try_from(events.len()) != Ok(BATCH) {
            self.last = self.missed;
        }
        let Some(event) = events.last() else { return Ok(None) };
        self.last = self.last.max(event.id);
        Ok(Some(events.iter().map(frame::of).collect::<String>().into()))
    }

    /// Says where the hub is, so that the client's last id does not grow old while nothing happens to its images.
    fn heartbeat(&mut self) -> Bytes {
        let head = self.state.events.head();
        // The hub puts events into the channel before it moves its head past them, so the head is read first.
        let nothing_waits = self.subscription.events.is_empty();
        if nothing_waits && head > self.last {
            self.last = head;
            self.missed = self.missed.max(head);
        }
        frame::heartbeat(nothing_waits.then_some(self.last))
    }
}

/// Where a client wants a stream to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// After the event with this id.
    Event(ImageEventId),
    /// The client named something that is not the id of an event.
    Unknown,
}
