//! The reader of events of this process. It reads each event once, and hands it to the streams of its user.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use resizinator_shared::ids::{ImageEventId, TokenId, UserId};
use resizinator_shared::image_event::ImageEvent;
use resizinator_shared::metadata::MetadataError;
use tokio::sync::{Notify, broadcast};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::state::ApiState;

/// How many streams a user may have in one process.
pub(crate) const STREAMS_PER_USER: usize = 10;
/// How often events are looked for that this process has not heard of.
const POLL: Duration = Duration::from_secs(2);
/// How often the tokens of all streams are checked.
const CHECK: Duration = Duration::from_secs(3);
/// How many events one query reads.
const BATCH: i64 = 500;
/// How many events wait for a stream that is not read. One that has missed more reads them from the metadata store.
const WAITING: usize = 16;

/// The streams of this process.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    streams: Mutex<Streams>,
    /// Wakes the reader when there is a first stream.
    first: Notify,
    /// Wakes the streams that wait for the reader to begin.
    begun: Notify,
    /// The last event that was handed to streams.
    head: AtomicI64,
}

#[derive(Debug, Default)]
struct Streams {
    by_user: HashMap<UserId, Vec<Stream>>,
    /// Whether the reader is at `head`. Without streams it does not read.
    is_reading: bool,
    next: u64,
}

#[derive(Debug)]
struct Stream {
    number: u64,
    token: TokenId,
    events: broadcast::Sender<Arc<ImageEvent>>,
    ended: CancellationToken,
}

/// The place of one stream, which is free again when this is dropped.
pub(crate) struct Subscription {
    hub: Arc<Hub>,
    user: UserId,
    number: u64,
    /// The events that the reader finds from now on.
    pub(super) events: broadcast::Receiver<Arc<ImageEvent>>,
    /// Is cancelled when the user has lost access.
    pub(super) ended: CancellationToken,
}

impl Hub {
    fn lock(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many streams there are.
    pub(crate) fn streams(&self) -> usize {
        self.lock().by_user.values().map(Vec::len).sum()
    }

    /// Gives a stream its place; `None` if the user has as many as one may have.
    pub(crate) fn subscribe(self: &Arc<Self>, user: UserId, token: TokenId) -> Option<Subscription> {
        let mut streams = self.lock();
        streams.next += 1;
        let number = streams.next;
        let theirs = streams.by_user.entry(user).or_default();
        if theirs.len() >= STREAMS_PER_USER {
            return None;
        }
        let (sender, events) = broadcast::channel(WAITING);
        let ended = CancellationToken::new();
        theirs.push(Stream { number, token, events: sender, ended: ended.clone() });
        drop(streams);
        self.first.notify_one();
        Some(Subscription { hub: Arc::clone(self), user, number, events, ended })
    }

    /// The last event that was handed to streams.
    pub(super) fn head(&self) -> ImageEventId {
        ImageEventId::try_from(self.head.load(Ordering::Acquire)).expect("the id of an event")
    }

    /// Waits until the reader hands out every event that is numbered after this.
    pub(super) async fn reading(&self) {
        loop {
            let begun = self.begun.notified();
            if self.lock().is_reading {
                return;
            }
            begun.await;
        }
    }

    fn set_head(&self, head: ImageEventId) {
        self.head.store(head.get(), Ordering::Release);
    }

    /// Serves the streams for ever.
    pub(crate) async fn run(&self, state: &ApiState) {
        let mut checked = Instant::now();
        loop {
            if self.lock().by_user.is_empty() {
                self.first.notified().await;
                continue;
            }
            let numbered = state.backends.metadata.image_events_numbered();
            let mut numbered = std::pin::pin!(numbered);
            numbered.as_mut().enable();
            let outcome = self.read(state).await;
            if let Err(error) = &outcome {
                log::debug!("streams of events wait: {error}");
                sleep(POLL).await;
            }
            if checked.elapsed() >= CHECK {
                checked = Instant::now();
                if let Err(error) = self.check_tokens(state).await {
                    log::debug!("the tokens of streams are checked later: {error}");
                }
            }
            if let Ok(true) = outcome {
                continue;
            }
            tokio::select! {
                _ = timeout(POLL, numbered) => {}
                () = self.first.notified() => {}
            }
        }
    }

    /// Hands out the next events; whether there may be more of them.
    async fn read(&self, state: &ApiState) -> Result<bool, MetadataError> {
        let metadata = &state.backends.metadata;
        if !self.lock().is_reading {
            // A stream looks where it begins only after this, so it begins here or later.
            self.set_head(metadata.image_event_range().await?.newest);
            let mut streams = self.lock();
            streams.is_reading = !streams.by_user.is_empty();
            drop(streams);
            self.begun.notify_waiters();
        }
        let events = metadata.image_events(self.head(), BATCH).await?;
        let Some(last) = events.last().map(|event| event.id) else { return Ok(false) };
        let is_full = i64::try_from(events.len()) == Ok(BATCH);
        let streams = self.lock();
        for event in events {
            let Some(theirs) = streams.by_user.get(&event.user_id) else { continue };
            let event = Arc::new(event);
            for stream in theirs {
                // It has no receiver if the stream is just ending.
                let _ = stream.events.send(Arc::clone(&event));
            }
        }
        drop(streams);
        // Only now: see `EventStream::heartbeat`.
        self.set_head(last);
        Ok(is_full)
    }

    /// Ends the streams whose token was revoked or has expired, or whose user is disabled, by one query for all.
    async fn check_tokens(&self, state: &ApiState) -> Result<(), MetadataError> {
        let tokens: HashSet<TokenId> =
            self.lock().by_user.values().flatten().map(|stream| stream.token).collect();
        let lifetime = state.settings.limits.token_lifetime;
        let working = state.backends.metadata.working_tokens(&tokens, lifetime).await?;
        for stream in self.lock().by_user.values().flatten() {
            // The token of one that has come meanwhile was checked when it came.
            if tokens.contains(&stream.token) && !working.contains(&stream.token) {
                stream.ended.cancel();
            }
        }
        Ok(())
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut streams = self.hub.lock();
        if let Entry::Occupied(mut theirs) = streams.by_user.entry(self.user) {
            theirs.get_mut().retain(|stream| stream.number != self.number);
            if theirs.get().is_empty() {
                theirs.remove();
            }
        }
        if streams.by_user.is_empty() {
            streams.is_reading = false;
        }
    }
}
