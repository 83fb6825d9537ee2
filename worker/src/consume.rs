//! The loop of a worker: a slot, healthy backends, a job.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use resizinator_shared::backends::Backends;
use resizinator_shared::jobs::JobConsumer;
use resizinator_shared::settings::Limits;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::error::WorkerError;
use crate::process_job::{Health, process_job};
use crate::renderer::Renderers;

const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// What of the grace time is kept for handing jobs back.
const HAND_BACK: Duration = Duration::from_secs(2);

/// Works until `shutdown` completes; then finishes the jobs that run, and hands back the rest.
pub async fn run(
    limits: Limits,
    backends: Backends,
    shutdown: impl Future<Output = ()>,
) -> Result<(), WorkerError> {
    let renderers = Renderers::start(&limits).await?;
    log::info!("the worker renders {} images at a time", limits.slots);
    tokio::pin!(shutdown);
    tokio::select! {
        () = &mut shutdown => return Ok(()),
        () = backends.metadata.migrate_with_back_off() => {}
    }
    let mut consumer = backends.jobs.consume(limits.slots).await?;
    let mut worker = Worker::new(limits, backends, renderers);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            () = worker.take_one(&mut *consumer) => {}
        }
    }
    worker.finish(consumer).await;
    Ok(())
}

struct Worker {
    shared: Arc<(Limits, Backends, Arc<Renderers>)>,
    slots: Arc<Semaphore>,
    health: watch::Sender<Health>,
    running: JoinSet<()>,
    stop: CancellationToken,
}

impl Worker {
    fn new(limits: Limits, backends: Backends, renderers: Arc<Renderers>) -> Self {
        let slots = Arc::new(Semaphore::new(limits.slots.into()));
        // Until they have answered once.
        let health = watch::Sender::new(Health::Away);
        Self {
            shared: Arc::new((limits, backends, renderers)),
            slots,
            health,
            running: JoinSet::new(),
            stop: CancellationToken::new(),
        }
    }

    async fn take_one(&mut self, consumer: &mut dyn JobConsumer) {
        while self.running.try_join_next().is_some() {}
        let slot = self.slots.clone().acquire_owned().await.expect("never closed");
        self.wait_for_backends().await;
        let delivery = consumer.next().await;
        let (shared, health, stop) = (self.shared.clone(), self.health.clone(), self.stop.clone());
        self.running.spawn(async move {
            let (limits, backends, renderers) = &*shared;
            let seen = process_job(backends, limits, renderers, delivery, &stop).await;
            if seen == Health::Away {
                health.send_replace(Health::Away);
            }
            drop(slot);
        });
    }

    /// A job taken now would only come back.
    async fn wait_for_backends(&self) {
        let mut pause = Duration::from_millis(200);
        while *self.health.borrow() == Health::Away {
            let (_, backends, _) = &*self.shared;
            let (metadata, objects) = tokio::join!(backends.metadata.check(), backends.objects.check());
            let away = metadata
                .err()
                .map(|error| error.to_string())
                .or(objects.err().map(|error| error.to_string()));
            let Some(error) = away else {
                self.health.send_replace(Health::Fine);
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
