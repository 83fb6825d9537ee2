//! The loop of a worker: a slot, healthy backends, a job.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use resizinator_shared::backends::Backends;
use resizinator_shared::jobs::{JobConsumer, JobQueue};
use resizinator_shared::settings::Limits;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::error::WorkerError;
use crate::process_job::process_job;
use crate::renderer::Renderers;
use crate::status::{Health, Status};

const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// What of the grace time is kept for handing jobs back.
const HAND_BACK: Duration = Duration::from_secs(2);
/// A subscription that the broker does not give in this time may come to a process that starts anew.
const IN_VAIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Works until `shutdown` completes; then finishes the jobs that run, and hands back the rest. Ends by itself if the
/// broker answers and yet no job can come for a minute.
pub async fn run(
    limits: Limits,
    backends: Backends,
    status: Status,
    shutdown: impl Future<Output = ()>,
) -> Result<(), WorkerError> {
    let renderers = Renderers::start(&limits).await?;
    log::info!("the worker renders {} images at a time", limits.slots);
    tokio::pin!(shutdown);
    tokio::select! {
        () = &mut shutdown => return Ok(()),
        migrated = backends.metadata.migrate_with_back_off() => migrated?,
    }
    let mut consumer = backends.jobs.consume(limits.slots).await?;
    status.start(limits.slots, consumer.subscribed());
    let in_vain = waited_in_vain(status.clone(), backends.jobs.clone());
    tokio::pin!(in_vain);
    let mut worker = Worker::new(limits, backends, renderers, status);
    let outcome = loop {
        tokio::select! {
            () = &mut shutdown => break Ok(()),
            () = &mut in_vain => break Err(WorkerError::NotConsuming(IN_VAIN)),
            () = worker.take_one(&mut *consumer) => {}
        }
    };
    worker.finish(consumer).await;
    outcome
}

/// Completes when the broker has answered for a minute and gave no subscription. While it is away, or the worker waits
/// for something else, there is nothing that a new process could do better.
async fn waited_in_vain(status: Status, jobs: Arc<dyn JobQueue>) {
    let mut since = None;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let in_vain = status.waits_in_vain() && jobs.depth().await.is_ok() && status.waits_in_vain();
        since = in_vain.then(|| since.unwrap_or_else(Instant::now));
        if since.is_some_and(|since| since.elapsed() >= IN_VAIN) {
            return;
        }
    }
}

struct Worker {
    shared: Arc<(Limits, Backends, Arc<Renderers>)>,
    slots: Arc<Semaphore>,
    status: Status,
    running: JoinSet<()>,
    stop: CancellationToken,
}

impl Worker {
    fn new(limits: Limits, backends: Backends, renderers: Arc<Renderers>, status: Status) -> Self {
        let slots = Arc::new(Semaphore::new(limits.slots.into()));
        Self {
            shared: Arc::new((limits, backends, renderers)),
            slots,
            status,
            running: JoinSet::new(),
            stop: CancellationToken::new(),
        }
    }

    async fn take_one(&mut self, consumer: &mut dyn JobConsumer) {
        while self.running.try_join_next().is_some() {}
        let slot = self.slots.clone().acquire_owned().await.expect("never closed");
        self.wait_for_backends().await;
        self.status.set_waiting(true);
        let delivery = consumer.next().await;
        self.status.set_waiting(false);
        let (shared, status, stop) = (self.shared.clone(), self.status.clone(), self.stop.clone());
        self.running.spawn(async move {
            let (limits, backends, renderers) = &*shared;
            status.job_began();
            let (outcome, seen) = process_job(backends, limits, renderers, delivery, &stop).await;
            if seen == Health::Away {
                status.set_health(Health::Away);
            }
            status.job_ended(outcome);
            drop(slot);
        });
    }

    /// A job taken now would only come back.
    async fn wait_for_backends(&self) {
        let mut pause = Duration::from_millis(200);
        while self.status.health() == Health::Away {
            let (_, backends, _) = &*self.shared;
            let (metadata, objects) = tokio::join!(backends.metadata.check(), backends.objects.check());
            let away = metadata
                .err()
                .map(|error| error.to_string())
                .or(objects.err().map(|error| error.to_string()));
            let Some(error) = away else {
                self.status.set_health(Health::Fine);
                return;
            };
            log::warn!("the worker waits: {error}");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn finish(mut self, consumer: Box<dyn JobConsumer>) {
        consumer.close().await;
        log::info!("the worker takes no more jobs and finishes {}", self.running.len());
        let grace = self.shared.0.grace.saturating_sub(HAND_BACK);
        if tokio::time::timeout(grace, self.all_done()).await.is_err() {
            log::warn!("{} jobs are handed back unfinished", self.running.len());
            self.stop.cancel();
            // What is dropped after that comes again when its lease has run out.
            let _ = tokio::time::timeout(HAND_BACK, self.all_done()).await;
        }
    }

    async fn all_done(&mut self) {
        while self.running.join_next().await.is_some() {}
    }
}
