//! What becomes of a delivery.

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
/// A copy could not be published: without a pause the message would go round in circles.
const PAUSE_BEFORE_REQUEUE: Duration = Duration::from_secs(1);

/// Settles one delivery; dropped before that, it puts the message back.
pub(super) struct RabbitSettle {
    handle: Option<Unsettled>,
    publisher: Arc<Publisher>,
    message: Message,
}

/// Holds the channel too: when its last holder goes, it closes.
pub(super) struct Unsettled {
    pub(super) acker: Acker,
    pub(super) _channel: Channel,
    pub(super) _counted: Arc<()>,
}

impl RabbitSettle {
    pub(super) fn new(handle: Unsettled, publisher: Arc<Publisher>, message: Message) -> Self {
        Self { handle: Some(handle), publisher, message }
    }

    /// Publishes the copy first and acknowledges then: a crash in between makes two jobs, never none.
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
        // Without a broken connection's help: there the broker has put it back already.
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

/// An acknowledgement on a closed channel is no error to the client library, but a `false`.
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
