//! The job queue in memory. The api and the worker have to run in the same process to share it.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Delivery, Depth, JobConsumer, JobError, JobQueue, Settle, Subscribed, delays};
use crate::failure_code::FailureCode;
use crate::resize_job::ResizeJob;
use crate::trace::Trace;

/// How many failed jobs the queue keeps for inspection.
const FAILED_KEPT: usize = 1_000;

/// A job queue in memory. Its jobs are lost when the process ends; upkeep then publishes them again from the rows.
#[derive(Debug, Clone)]
pub struct InProcessQueue(Arc<Shared>);

/// A job that failed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedJob {
    /// The job that failed.
    pub job: ResizeJob,
    /// The request that its image comes from.
    pub trace: Trace,
    /// Why the image failed, as a stable code.
    pub code: FailureCode,
    /// Why the image failed, as a sentence.
    pub detail: String,
}

#[derive(Debug)]
struct Shared {
    created: Instant,
    retry_delays: Vec<Duration>,
    contents: Mutex<Contents>,
    /// One permit for each ready message. Consumers wait for a permit in the order in which they came.
    ready: Semaphore,
}

#[derive(Debug, Default)]
struct Contents {
    ready: VecDeque<Message>,
    retrying: u64,
    failed: u64,
    last_failed: VecDeque<FailedJob>,
}

#[derive(Debug)]
struct Message {
    job: ResizeJob,
    trace: Trace,
    redelivered: bool,
}

impl InProcessQueue {
    /// Makes an empty queue. A retry waits for the shortest of the delays that is not shorter than the one asked for.
    pub fn new(retry_delays: Vec<Duration>) -> Self {
        let (contents, ready) = (Mutex::default(), Semaphore::new(0));
        Self(Arc::new(Shared { retry_delays, created: Instant::now(), contents, ready }))
    }

    /// The last 1,000 jobs that failed, oldest first.
    pub fn failed_jobs(&self) -> Vec<FailedJob> {
        self.0.contents().last_failed.iter().cloned().collect()
    }
}

impl Shared {
    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(&self, job: ResizeJob, trace: Trace) {
        self.contents().ready.push_back(Message { job, trace, redelivered: false });
        self.ready.add_permits(1);
    }

    fn retry(&self, job: ResizeJob, trace: Trace) {
        let mut contents = self.contents();
        contents.retrying -= 1;
        contents.ready.push_back(Message { job, trace, redelivered: false });
        drop(contents);
        self.ready.add_permits(1);
    }

    fn put_back(&self, job: ResizeJob, trace: Trace) {
        self.contents().ready.push_front(Message { job, trace, redelivered: true });
        self.ready.add_permits(1);
    }

    fn fail(&self, failed: FailedJob) {
        let mut contents = self.contents();
        contents.failed += 1;
        if contents.last_failed.len() == FAILED_KEPT {
            contents.last_failed.pop_front();
        }
        contents.last_failed.push_back(failed);
    }
}

#[async_trait]
impl JobQueue for InProcessQueue {
    async fn publish(&self, job: &ResizeJob, trace: &Trace) -> Result<(), JobError> {
        self.0.append(*job, trace.clone());
        Ok(())
    }

    async fn consume(&self, prefetch: u16) -> Result<Box<dyn JobConsumer>, JobError> {
        // Zero means "no limit" here because it does in AMQP.
        let slots = if prefetch == 0 { Semaphore::MAX_PERMITS } else { prefetch.into() };
        Ok(Box::new(InProcessConsumer { queue: Arc::clone(&self.0), slots: Arc::new(Semaphore::new(slots)) }))
    }

    async fn depth(&self) -> Result<Depth, JobError> {
        let contents = self.0.contents();
        Ok(Depth { ready: contents.ready.len() as u64, retrying: contents.retrying, failed: contents.failed })
    }

    async fn ready(&self) -> Result<u64, JobError> {
        Ok(self.0.contents().ready.len() as u64)
    }

    async fn check(&self) -> Result<(), JobError> {
        Ok(())
    }

    fn last_created(&self) -> Option<Instant> {
        Some(self.0.created)
    }
}

struct InProcessConsumer {
    queue: Arc<Shared>,
    /// One permit for each delivery that may be unsettled.
    slots: Arc<Semaphore>,
}

#[async_trait]
impl JobConsumer for InProcessConsumer {
    async fn next(&mut self) -> Delivery {
        let slot = Arc::clone(&self.slots).acquire_owned().await.expect("never closed");
        loop {
            self.queue.ready.acquire().await.expect("never closed").forget();
            let message = self.queue.contents().ready.pop_front();
            if let Some(Message { job, trace, redelivered }) = message {
                let queue = Arc::clone(&self.queue);
                let settle =
                    InProcessSettle { queue, job, trace: trace.clone(), settled: false, _slot: slot };
                return Delivery { job, trace, redelivered, settle: Box::new(settle) };
            }
        }
    }

    fn subscribed(&self) -> Subscribed {
        Box::new(|| true)
    }

    /// Does nothing: no message is fetched before `next`, so none has to go back to the queue.
    async fn close(self: Box<Self>) {}
}

struct InProcessSettle {
    queue: Arc<Shared>,
    job: ResizeJob,
    trace: Trace,
    settled: bool,
    _slot: OwnedSemaphorePermit,
}

#[async_trait]
impl Settle for InProcessSettle {
    async fn ack(mut self: Box<Self>) -> Result<(), JobError> {
        self.settled = true;
        Ok(())
    }

    async fn retry(mut self: Box<Self>, delay: Duration, error: &str) -> Result<(), JobError> {
        self.settled = true;
        let (queue, job, trace) = (Arc::clone(&self.queue), self.job, mem::take(&mut self.trace));
        let delay = delays::nearest(&queue.retry_delays, delay).unwrap_or(delay);
        log::debug!("{} again in {delay:?}: {error}", trace.log_name(job.image_id));
        queue.contents().retrying += 1;
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            queue.retry(job, trace);
        });
        Ok(())
    }

    async fn fail(mut self: Box<Self>, code: FailureCode, detail: &str) -> Result<(), JobError> {
        self.settled = true;
        let trace = mem::take(&mut self.trace);
        self.queue.fail(FailedJob { job: self.job, trace, code, detail: detail.into() });
        Ok(())
    }

    async fn hand_back(self: Box<Self>) -> Result<(), JobError> {
        // The message goes back to the queue when `self` is dropped.
        Ok(())
    }
}

impl Drop for InProcessSettle {
    fn drop(&mut self) {
        if !self.settled {
            self.queue.put_back(self.job, mem::take(&mut self.trace));
        }
    }
}
