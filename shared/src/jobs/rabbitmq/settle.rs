//! The settling of a delivery: it is acknowledged, retried, failed or put back.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use lapin::{Acker, Channel};
use tokio::time::{sleep, timeout};

use super::message::Message;
use super::publisher::Publisher;
use crate::failure_code::FailureCode;
use crate::jobs::{JobError, Settle};

const SETTLE_TIMEOUT: Duration = Duration::from_secs(3);
/// The pause before a message goes back to the queue because its copy could not be published. Without it, the message
/// would be delivered again and again at once.
const PAUSE_BEFORE_REQUEUE: Duration = Duration::from_secs(1);

/// The handle that settles one delivery. If it is dropped before, it puts the message back into the queue.
pub(super) struct RabbitSettle {
    handle: Option<Unsettled>,
    publisher: Arc<Publisher>,
    message: Message,
}

/// An unsettled delivery. It holds the channel too, since the channel closes when nothing holds it any more.
pub(super) struct Unsettled {
    pub(super) acker: Acker,
    pub(super) _channel: Channel,
    pub(super) _counted: Arc<()>,
}

impl RabbitSettle {
    pub(super) fn new(handle: Unsettled, publisher: Arc<Publisher>, message: Message) -> Self {
        Self { handle: Some(handle), publisher, message }
    }

    /// Publishes a copy to another queue and then acknowledges the message. In this order, a crash in between leaves
    /// two jobs and never none.
    async fn replace(&mut self, queue: &str, copy: &Message) -> Result<(), JobError> {
        if let Err(error) = self.publisher.publish(queue, copy).await {
            self.requeue_after(PAUSE_BEFORE_REQUEUE);
            return Err(error);
        }
        self.acknowledge().await
    }

    async fn acknowledge(&mut self) -> Result<(), JobError> {
        let Some(handle) = self.handle.take() else { return Err(gone()) };
        settled(handle.acker.ack(BasicAckOptions::default())).await
    }

    fn requeue_after(&mut self, pause: Duration) {
        let Some(handle) = self.handle.take().filter(|handle| handle.acker.usable()) else { return };
        // This is only for a connection that works. If it is broken, the broker has already put the message back.
        self.publisher.runtime.spawn(async move {
            sleep(pause).await;
            handle.requeue().await.ok();
        });
    }
}

impl Unsettled {
    async fn requeue(&self) -> Result<(), JobError> {
        settled(self.acker.nack(BasicNackOptions { requeue: true, ..Default::default() })).await
    }
}

/// Waits for an acknowledgement to be sent. On a closed channel, the client library returns `false` and not an error.
async fn settled(outcome: impl Future<Output = lapin::Result<bool>>) -> Result<(), JobError> {
    match timeout(SETTLE_TIMEOUT, outcome).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(gone()),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(JobError("the broker does not take the acknowledgement".into())),
    }
}

fn gone() -> JobError {
    JobError("the connection of this delivery is gone; the message comes again".into())
}

#[async_trait]
impl Settle for RabbitSettle {
    async fn ack(mut self: Box<Self>) -> Result<(), JobError> {
        self.acknowledge().await
    }

    async fn retry(mut self: Box<Self>, delay: Duration, error: &str) -> Result<(), JobError> {
        let queue = self.publisher.topology.retry(delay);
        let copy = self.message.retry(error, &self.publisher.identity);
        self.replace(&queue, &copy).await
    }

    async fn fail(mut self: Box<Self>, code: FailureCode, detail: &str) -> Result<(), JobError> {
        let queue = self.publisher.topology.failed.clone();
        let copy = self.message.failed(code, detail, &self.publisher.identity);
        self.replace(&queue, &copy).await
    }

    async fn hand_back(mut self: Box<Self>) -> Result<(), JobError> {
        let Some(handle) = self.handle.take() else { return Err(gone()) };
        handle.requeue().await
    }
}

impl Drop for RabbitSettle {
    fn drop(&mut self) {
        self.requeue_after(Duration::ZERO);
    }
}
