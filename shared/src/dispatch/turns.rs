//! The turns that users take while the queue has no room for all jobs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::{Marks, publish_reserved};
use crate::backends::Backends;
use crate::ids::UserId;
use crate::metadata::MetadataError;

/// How many jobs may be ready in the queue for each image that the workers render at a time. They last until the queue is
/// looked at again, and they are what a user waits behind who comes anew.
const READY_PER_SLOT: u32 = 8;
/// How many jobs may be ready in the queue however few workers there are.
const LEAST_READY: u32 = 16;
/// How long the number of slots counts before it is asked for again.
const KNOWN_FOR: Duration = Duration::from_secs(5);
/// The slots of a worker count for so long after it last said that it runs.
const WORKER_SEEN_WITHIN: Duration = Duration::from_secs(30);
/// How long the row of an image stays reserved if the process that reserved it dies. It is longer than a broker takes to
/// confirm a job.
pub const RESERVED: Duration = Duration::from_secs(10);
/// How often this process looks for jobs that another one has held back.
const SEARCH_EVERY: Duration = Duration::from_secs(1);
/// The pause between two looks at the queue while jobs are held back and taken. Workers need longer for half a queue.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// The credit while nobody knows how long the queue is, since the broker does not answer. Jobs are then tried to be
/// published as their images are accepted.
const UNKNOWN: i64 = i64::MAX / 2;

/// What this process knows of the queue's room, and whether jobs are held back.
#[derive(Debug)]
pub struct Turns {
    /// The number of jobs that may still be published before this process asks for the length of the queue again.
    credit: AtomicI64,
    /// Whether there may be jobs that are held back. Then no other job is published before them.
    are_held: AtomicBool,
    look: Notify,
}

/// What one round has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// No job is held back, or the broker does not answer.
    Over,
    /// There may be more jobs that are held back, and the queue is to be looked at again after this time.
    GoesOn(Duration),
}

/// Where the turns stand: who had the last one, how long the queue may be, and how long it was when last looked at.
#[derive(Debug, Default)]
pub struct Place {
    last: Option<UserId>,
    most: Option<(u32, Instant)>,
    ready: u64,
    pause: Duration,
    searched: Option<Instant>,
}

impl Place {
    /// Returns whether it is time to look for jobs that another process has held back. That process may have ended before it
    /// published them.
    fn has_to_search(&mut self) -> bool {
        let is_time = self.searched.is_none_or(|at| at.elapsed() >= SEARCH_EVERY);
        if is_time {
            self.searched = Some(Instant::now());
        }
        is_time
    }

    /// The time until the queue is looked at again. It grows while nobody takes a job.
    fn pause(&mut self, ready: u64) -> Duration {
        let is_still = std::mem::replace(&mut self.ready, ready) == ready;
        self.pause = if is_still { (self.pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE) } else { FIRST_PAUSE };
        self.pause
    }
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            credit: AtomicI64::new(LEAST_READY.into()),
            are_held: AtomicBool::new(false),
            look: Notify::new(),
        }
    }
}

impl Turns {
    /// Whether the job of an image that comes now has to be held back, since the queue has no room, or since other jobs are
    /// held back already.
    pub fn has_to_wait(&self) -> bool {
        if self.are_held.load(Ordering::Acquire) {
            return true;
        }
        let left = self.credit.fetch_sub(1, Ordering::AcqRel);
        if left <= i64::from(LEAST_READY) / 2 {
            self.look.notify_one();
        }
        left <= 0
    }

    /// Says that there is a job which is held back.
    pub fn hold(&self) {
        self.are_held.store(true, Ordering::Release);
        self.look.notify_one();
    }

    /// Completes when the queue should be looked at.
    pub fn looked_for(&self) -> Notified<'_> {
        self.look.notified()
    }

    /// Looks how many jobs the queue has, and publishes as many as it has room for of those that are held back, so many of one
    /// user as of the others.
    ///
    /// # Errors
    /// If the metadata store does not answer.
    pub async fn round(
        &self,
        backends: &Backends,
        marks: &Arc<Marks>,
        place: &mut Place,
    ) -> Result<Round, MetadataError> {
        let most = most_ready(backends, place).await?;
        let Ok(ready) = backends.jobs.ready().await else {
            self.credit.store(UNKNOWN, Ordering::Release);
            self.are_held.store(false, Ordering::Release);
            return Ok(Round::Over);
        };
        let room = most.saturating_sub(u32::try_from(ready).unwrap_or(u32::MAX));
        self.credit.store(room.into(), Ordering::Release);
        if room < most / 2 {
            let held = self.are_held.load(Ordering::Acquire);
            let pause = place.pause(ready);
            return Ok(if held { Round::GoesOn(pause) } else { Round::Over });
        }
        // A job that is held back from here on says so itself.
        if !self.are_held.swap(false, Ordering::AcqRel) && !place.has_to_search() {
            return Ok(Round::Over);
        }
        let images = backends.metadata.take_turns(place.last, room, RESERVED).await?;
        let Some(last) = images.last() else { return Ok(Round::Over) };
        self.are_held.store(true, Ordering::Release);
        place.last = Some(last.user_id);
        let taken = images.len();
        log::debug!("{ready} jobs are ready, and {taken} more take their turn");
        let queued = publish_reserved(backends, marks, images).await?;
        // What the broker did not take is left to upkeep. A queue that was nearly empty is looked at again at once.
        let pause = if room > most - most / 4 { Duration::ZERO } else { FIRST_PAUSE };
        Ok(if queued == taken { Round::GoesOn(pause) } else { Round::Over })
    }
}

/// Computes how many jobs may be ready in the queue. The slots of the workers are asked for every few seconds.
async fn most_ready(backends: &Backends, place: &mut Place) -> Result<u32, MetadataError> {
    if let Some((most, at)) = place.most
        && at.elapsed() < KNOWN_FOR
    {
        return Ok(most);
    }
    let slots = backends.metadata.slots(WORKER_SEEN_WITHIN).await?;
    let most = slots.saturating_mul(READY_PER_SLOT).max(LEAST_READY);
    place.most = Some((most, Instant::now()));
    Ok(most)
}
