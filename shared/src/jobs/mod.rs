//! The job queue. It may lose its contents: the rows of the images say what has to be done, and upkeep publishes again
//! the jobs that a broker lost.

mod delays;
mod in_process;
mod published;
mod rabbitmq;

use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::failure_code::FailureCode;
use crate::resize_job::ResizeJob;
use crate::trace::Trace;

pub use delays::nearest as nearest_retry_delay;
pub use in_process::{FailedJob, InProcessQueue};
pub use published::Published;
pub use rabbitmq::{Announcer, RabbitOptions, RabbitQueue};

/// A queue of resize jobs, with one retry queue for each delay and a queue of failed jobs.
#[async_trait]
pub trait JobQueue: Send + Sync + std::fmt::Debug {
    /// Publishes a job with the ids of the request that its image comes from, and returns when the queue has confirmed
    /// that it has stored the job.
    async fn publish(&self, job: &ResizeJob, trace: &Trace) -> Result<(), JobError>;

    /// Starts to consume jobs. At most `prefetch` deliveries are unsettled at the same time; zero means no limit.
    async fn consume(&self, prefetch: u16) -> Result<Box<dyn JobConsumer>, JobError>;

    /// How many messages wait in the queues. Upkeep compares this with the rows.
    async fn depth(&self) -> Result<Depth, JobError>;

    /// How many jobs are ready in the main queue.
    async fn ready(&self) -> Result<u64, JobError>;

    /// Checks whether the queue answers now.
    async fn check(&self) -> Result<(), JobError>;

    /// When this process last had to create the main queue; `None` if it never had to. All jobs from before are lost.
    fn last_created(&self) -> Option<Instant>;

    /// What is wrong with a queue that is used all the same, as a sentence.
    fn unsuitable(&self) -> Option<String> {
        None
    }

    /// The connections that this process wants to have, by their purpose, and whether each is open.
    fn connections(&self) -> Vec<(&'static str, bool)> {
        Vec::new()
    }
}

/// How many messages wait in each kind of queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Messages in the main queue that are ready. Those that consumers hold do not count.
    pub ready: u64,
    /// Messages in the retry queues.
    pub retrying: u64,
    /// Messages in the queue of failed jobs.
    pub failed: u64,
}

/// A stream of deliveries. It reconnects by itself when the broker was away.
#[async_trait]
pub trait JobConsumer: Send {
    /// Waits for the next job, however long that takes. A message that is not a job goes to the queue of failed jobs
    /// and is never returned. This method is cancel-safe.
    async fn next(&mut self) -> Delivery;

    /// Returns a function that says, from any thread, whether this consumer is subscribed now. If a subscription is
    /// lost while nothing waits in [`Self::next`], this may show only when [`Self::next`] is called again.
    fn subscribed(&self) -> Subscribed;

    /// Stops to consume. Jobs that [`Self::next`] has not returned yet go back to the queue, and those that it has
    /// returned can still be settled.
    async fn close(self: Box<Self>);
}

/// A function that says whether a consumer is subscribed now; see [`JobConsumer::subscribed`].
pub type Subscribed = Box<dyn Fn() -> bool + Send + Sync>;

/// A job that was delivered to a worker. If it is dropped before it is settled, it goes back to the queue.
pub struct Delivery {
    /// The job to do.
    pub job: ResizeJob,
    /// The request that its image comes from. Only the log needs it, so a message may lack it.
    pub trace: Trace,
    /// Whether this message was delivered before.
    pub redelivered: bool,
    /// The handle by which the worker settles the delivery.
    pub settle: Box<dyn Settle>,
}

/// The ways in which a worker can settle a delivery. Each call fails only if the queue is away. Then the message is
/// delivered again, so a job may run twice.
#[async_trait]
pub trait Settle: Send {
    /// Acknowledges the delivery because the job is done.
    async fn ack(self: Box<Self>) -> Result<(), JobError>;

    /// Puts the job into a retry queue, from which it comes back after about the delay. That is the shortest retry
    /// queue which is not shorter than the delay, or else the longest.
    async fn retry(self: Box<Self>, delay: Duration, error: &str) -> Result<(), JobError>;

    /// Puts a copy of the job, with code and detail in its headers, into the queue of failed jobs.
    async fn fail(self: Box<Self>, code: FailureCode, detail: &str) -> Result<(), JobError>;

    /// Puts the unchanged job back into the queue at once.
    async fn hand_back(self: Box<Self>) -> Result<(), JobError>;
}

/// The error of a queue that is away or has refused a request. A later try may succeed.
#[derive(Debug, thiserror::Error)]
#[error("job queue: {0}")]
pub struct JobError(pub String);
