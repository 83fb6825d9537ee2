//! The main loop of a worker: it waits until it may take another job, then for healthy backends, then for a job.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use resizinator_shared::announce::keep_announcing;
use resizinator_shared::back_off::BackOff;
use resizinator_shared::backends::Backends;
use resizinator_shared::jobs::{Delivery, JobConsumer};
use resizinator_shared::settings::Limits;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::context::WorkerContext;
use crate::error::WorkerError;
use crate::heartbeat::{self, Heartbeat};
use crate::in_vain::waited_in_vain;
use crate::process_job::process_job;
use crate::renderer::Renderers;
use crate::status::{Status, StoresHealth};

/// How many jobs are under way for each slot: one renders while another fetches its original and a third stores its
/// variants, so that a slot never waits for a store.
const JOBS_PER_SLOT: u16 = 3;
/// The first pause between two checks whether the stores answer again.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The part of the shutdown's grace time that is kept for handing jobs back to the queue.
const HAND_BACK: Duration = Duration::from_secs(2);
/// How long a worker waits for a subscription while the broker answers. After that it ends, since a restarted process
/// may get one.
const IN_VAIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Runs the worker until `shutdown` completes. It then finishes the running jobs within the grace time, and hands the
/// others back to the queue.
///
/// # Errors
/// If the database cannot be migrated, if the renderers cannot be started, or if the broker answers but gives the
/// worker no subscription for a minute.
pub async fn run(
    limits: Limits,
    backends: Backends,
    status: Status,
    shutdown: impl Future<Output = ()>,
) -> Result<(), WorkerError> {
    let renderers = Renderers::start(&limits, status.metrics().restarts.clone()).await?;
    log::info!("the worker renders {} images at a time", limits.slots);
    tokio::pin!(shutdown);
    tokio::select! {
        () = &mut shutdown => return Ok(()),
        migrated = backends.metadata.migrate_with_back_off() => migrated?,
    }
    let announcing = backends.clone();
    let announcing = async move { keep_announcing(&announcing).await };
    let announcing = AbortOnDropHandle::new(tokio::spawn(announcing));
    let under_way = limits.slots.saturating_mul(JOBS_PER_SLOT);
    let mut consumer = backends.jobs.consume(under_way).await?;
    status.start(limits.slots, consumer.subscribed(), Arc::downgrade(&renderers));
    let heartbeat = Heartbeat::begin(backends.metadata.clone(), status.clone(), limits.slots);
    let in_vain = waited_in_vain(status.clone(), backends.jobs.clone(), IN_VAIN, LOOK_EVERY);
    tokio::pin!(in_vain);
    let mut worker = Worker::new(WorkerContext { limits, backends, renderers, status }, under_way);
    let outcome = loop {
        tokio::select! {
            () = &mut shutdown => break Ok(()),
            () = &mut in_vain => break Err(WorkerError::NotConsuming(IN_VAIN)),
            () = worker.take_one(&mut *consumer) => {}
        }
    };
    worker.finish(consumer).await;
    heartbeat.end().await;
    // What is not passed on by now is passed on by the api.
    drop(announcing);
    outcome
}

struct Worker {
    context: Arc<WorkerContext>,
    /// The semaphore that bounds the jobs under way. Each of them holds a permit.
    free: Arc<Semaphore>,
    running: JoinSet<()>,
    stop: CancellationToken,
}

impl Worker {
    fn new(context: WorkerContext, under_way: u16) -> Self {
        let free = Arc::new(Semaphore::new(under_way.into()));
        Self { context: Arc::new(context), free, running: JoinSet::new(), stop: CancellationToken::new() }
    }

    async fn take_one(&mut self, consumer: &mut dyn JobConsumer) {
        while self.running.try_join_next().is_some() {}
        let permit = self.free.clone().acquire_owned().await.expect("never closed");
        let delivery = self.next(consumer).await;
        let (context, stop) = (self.context.clone(), self.stop.clone());
        self.running.spawn(async move {
            let status = &context.status;
            let (verdict, stores) = process_job(&context, delivery, &stop).await;
            // Only `wait_for_backends` sets it back, once both stores have answered.
            if stores == StoresHealth::Away {
                status.set_stores(stores);
            }
            status.job_ended(&verdict);
            drop(permit);
        });
    }

    /// Waits for a job while the stores answer. A job that is under way may find one away meanwhile.
    async fn next(&self, consumer: &mut dyn JobConsumer) -> Delivery {
        let status = &self.context.status;
        loop {
            self.wait_for_backends().await;
            status.set_waiting(true);
            let delivery = tokio::select! {
                delivery = consumer.next() => Some(delivery),
                () = status.stores_away() => None,
            };
            status.set_waiting(false);
            if let Some(delivery) = delivery {
                return delivery;
            }
        }
    }

    /// Waits until both stores answer. A job that is taken while a store is away would only return to the queue.
    async fn wait_for_backends(&self) {
        let WorkerContext { backends, status, .. } = &*self.context;
        let mut back_off = BackOff::new(FIRST_PAUSE, LONGEST_PAUSE);
        while status.stores() == StoresHealth::Away {
            let (metadata, objects) = tokio::join!(backends.metadata.check(), backends.objects.check());
            let away = metadata
                .err()
                .map(|error| error.to_string())
                .or(objects.err().map(|error| error.to_string()));
            let Some(error) = away else {
                status.set_stores(StoresHealth::Answering);
                return;
            };
            log::warn!("the worker waits: {error}");
            back_off.pause().await;
        }
    }

    async fn finish(mut self, consumer: Box<dyn JobConsumer>) {
        consumer.close().await;
        log::info!("the worker takes no more jobs and finishes {}", self.running.len());
        let grace = self.context.limits.grace.saturating_sub(HAND_BACK + heartbeat::PATIENCE);
        if tokio::time::timeout(grace, self.all_done()).await.is_err() {
            log::warn!("{} jobs are handed back unfinished", self.running.len());
            self.stop.cancel();
            // A job that is not handed back by then is delivered again after its lease has expired.
            let _ = tokio::time::timeout(HAND_BACK, self.all_done()).await;
        }
    }

    async fn all_done(&mut self) {
        while self.running.join_next().await.is_some() {}
    }
}
