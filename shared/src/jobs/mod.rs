//! The job queue. It is disposable: the image rows say what has to be done, and upkeep publishes
//! again what a broker lost.

mod delays;
mod in_process;
mod rabbitmq;

use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::failure_code::FailureCode;
use crate::resize_job::ResizeJob;

pub use delays::nearest as nearest_retry_delay;
pub use in_process::{FailedJob, InProcessQueue};
pub use rabbitmq::{RabbitOptions, RabbitQueue};

/// A queue of resize jobs with retry queues (one per delay) and a queue of failed jobs.
#[async_trait]
pub trait JobQueue: Send + Sync + std::fmt::Debug {
    /// Publishes a job; returns once the queue has taken it for good.
    async fn publish(&self, job: &ResizeJob) -> Result<(), JobError>;

    /// Starts to consume; at most `prefetch` deliveries are unsettled at a time.
    async fn consume(&self, prefetch: u16) -> Result<Box<dyn JobConsumer>, JobError>;

    /// How many messages wait. Upkeep compares it with the rows.
    async fn depth(&self) -> Result<Depth, JobError>;

    /// Whether the queue answers now.
    async fn check(&self) -> Result<(), JobError>;

    /// When this process last had to create the main queue anew: all jobs from before are lost.
    fn last_created(&self) -> Option<Instant>;
}

/// Messages waiting, by queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Ready to be consumed (those held by consumers do not count).
    pub ready: u64,
    /// In the retry queues.
    pub retrying: u64,
    /// In the queue of failed jobs.
    pub failed: u64,
}

/// A stream of deliveries that survives the broker: it reconnects by itself.
#[async_trait]
pub trait JobConsumer: Send {
    /// The next job. Waits as long as it takes; messages that are no jobs go to the failed queue
    /// on the way and are never returned. Cancel-safe.
    async fn next(&mut self) -> Delivery;

    /// Asks, from anywhere, whether this consumer is subscribed now. What is lost while nobody waits in
    /// [`Self::next`] may show only there.
    fn subscribed(&self) -> Subscribed;

    /// Stops the flow of deliveries: what was not yet returned by [`Self::next`] goes back to the
    /// queue, and what was can still be settled.
    async fn close(self: Box<Self>);
}

/// See [`JobConsumer::subscribed`].
pub type Subscribed = Box<dyn Fn() -> bool + Send + Sync>;

/// A job in a worker's hands. Dropped without being settled it goes back to the queue.
pub struct Delivery {
    /// What to do.
    pub job: ResizeJob,
    /// Whether this message was delivered before.
    pub redelivered: bool,
    /// How the worker says what became of it.
    pub settle: Box<dyn Settle>,
}

/// What a worker says of a delivery. Each call fails only if the queue is away, and then the
/// message comes again: a job may run twice.
#[async_trait]
pub trait Settle: Send {
    /// Done.
    async fn ack(self: Box<Self>) -> Result<(), JobError>;

    /// Once more after (about) the delay: the shortest retry queue that is not shorter, or the
    /// longest there is.
    async fn retry(self: Box<Self>, delay: Duration, error: &str) -> Result<(), JobError>;

    /// The image has failed: a copy with code and detail in its headers goes to the failed queue.
    async fn fail(self: Box<Self>, code: FailureCode, detail: &str) -> Result<(), JobError>;

    /// Back to the queue at once, untouched.
    async fn hand_back(self: Box<Self>) -> Result<(), JobError>;
}

/// The queue is away, or refused; worth another try later.
#[derive(Debug, thiserror::Error)]
#[error("job queue: {0}")]
pub struct JobError(pub String);
