//! A queue within this process that records how each delivery was settled. After any verdict the message is removed, so
//! that a story decides itself when a job comes again.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::jobs::{
    Delivery, Depth, InProcessQueue, JobConsumer, JobError, JobQueue, Settle, Subscribed,
};
use resizinator_shared::resize_job::ResizeJob;
use resizinator_shared::trace::Trace;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How a delivery was settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Settled {
    Acknowledged,
    Retried {
        delay: Duration,
        reason: String,
    },
    Failed {
        code: FailureCode,
        detail: String,
    },
    HandedBack,
    /// The delivery was dropped without being settled.
    Forgotten,
}

#[derive(Debug)]
pub(crate) struct RecordingQueue {
    inner: InProcessQueue,
    record: UnboundedSender<Settled>,
}

impl RecordingQueue {
    pub(crate) fn new() -> (Self, UnboundedReceiver<Settled>) {
        let (record, settled) = unbounded_channel();
        (Self { inner: InProcessQueue::new(Vec::new()), record }, settled)
    }
}

#[async_trait]
impl JobQueue for RecordingQueue {
    async fn publish(&self, job: &ResizeJob, trace: &Trace) -> Result<(), JobError> {
        self.inner.publish(job, trace).await
    }

    async fn consume(&self, prefetch: u16) -> Result<Box<dyn JobConsumer>, JobError> {
        let inner = self.inner.consume(prefetch).await?;
        Ok(Box::new(RecordingConsumer { inner, record: self.record.clone() }))
    }

    async fn depth(&self) -> Result<Depth, JobError> {
        self.inner.depth().await
    }

    async fn ready(&self) -> Result<u64, JobError> {
        self.inner.ready().await
    }

    async fn check(&self) -> Result<(), JobError> {
        self.inner.check().await
    }

    fn last_created(&self) -> Option<Instant> {
        self.inner.last_created()
    }
}

struct RecordingConsumer {
    inner: Box<dyn JobConsumer>,
    record: UnboundedSender<Settled>,
}

#[async_trait]
impl JobConsumer for RecordingConsumer {
    async fn next(&mut self) -> Delivery {
        let Delivery { job, trace, redelivered, settle } = self.inner.next().await;
        let settle = Box::new(RecordingSettle { inner: Some(settle), record: self.record.clone() });
        Delivery { job, trace, redelivered, settle }
    }

    fn subscribed(&self) -> Subscribed {
        self.inner.subscribed()
    }

    async fn close(self: Box<Self>) {
        self.inner.close().await;
    }
}

struct RecordingSettle {
    /// `None` once the delivery is settled.
    inner: Option<Box<dyn Settle>>,
    record: UnboundedSender<Settled>,
}

impl RecordingSettle {
    async fn settle(mut self: Box<Self>, settled: Settled) -> Result<(), JobError> {
        // The story may be over.
        let _ = self.record.send(settled);
        self.inner.take().expect("not settled yet").ack().await
    }
}

#[async_trait]
impl Settle for RecordingSettle {
    async fn ack(self: Box<Self>) -> Result<(), JobError> {
        self.settle(Settled::Acknowledged).await
    }

    async fn retry(self: Box<Self>, delay: Duration, reason: &str) -> Result<(), JobError> {
        self.settle(Settled::Retried { delay, reason: reason.into() }).await
    }

    async fn fail(self: Box<Self>, code: FailureCode, detail: &str) -> Result<(), JobError> {
        self.settle(Settled::Failed { code, detail: detail.into() }).await
    }

    async fn hand_back(self: Box<Self>) -> Result<(), JobError> {
        self.settle(Settled::HandedBack).await
    }
}

impl Drop for RecordingSettle {
    fn drop(&mut self) {
        if self.inner.is_some() {
            let _ = self.record.send(Settled::Forgotten);
        }
    }
}
