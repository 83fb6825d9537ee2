//! The state of a worker that its readiness and its metrics report.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use resizinator_shared::jobs::Subscribed;
use tokio::sync::watch;

use crate::metrics::Metrics;
use crate::renderer::Renderers;
use crate::verdict::Verdict;

/// Whether the metadata store and the object store answered when they were last used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoresHealth {
    Answering,
    /// At least one store does not answer: the worker takes no job until both answer.
    Away,
}

/// The state of a worker. All clones share it: the worker updates it, and the endpoints for operators report it.
#[derive(Clone)]
pub struct Status(Arc<Inner>);

struct Inner {
    subscribed: OnceLock<Subscribed>,
    renderers: OnceLock<Weak<Renderers>>,
    /// Whether the worker waits for a job. Only there does it restore a lost subscription.
    waiting: AtomicBool,
    stores: watch::Sender<StoresHealth>,
    metrics: Metrics,
}

impl Default for Status {
    fn default() -> Self {
        // This makes the worker check both stores before its first job.
        let stores = watch::Sender::new(StoresHealth::Away);
        Self(Arc::new(Inner {
            subscribed: OnceLock::new(),
            renderers: OnceLock::new(),
            waiting: AtomicBool::new(false),
            stores,
            metrics: Metrics::default(),
        }))
    }
}

impl Status {
    pub(crate) fn start(&self, slots: u16, subscribed: Subscribed, renderers: Weak<Renderers>) {
        self.0.metrics.slots.set(slots.into());
        // A second worker in one process would have a status of its own.
        let _ = self.0.subscribed.set(subscribed);
        let _ = self.0.renderers.set(renderers);
    }

    pub(crate) fn stores(&self) -> StoresHealth {
        *self.0.stores.borrow()
    }

    /// Completes when a store is found away.
    pub(crate) async fn stores_away(&self) {
        let mut stores = self.0.stores.subscribe();
        // It fails only if the sender is gone, which this holds.
        drop(stores.wait_for(|stores| *stores == StoresHealth::Away).await);
    }

    pub(crate) fn set_stores(&self, stores: StoresHealth) {
        self.0.stores.send_replace(stores);
    }

    pub(crate) fn set_waiting(&self, waiting: bool) {
        self.0.waiting.store(waiting, Ordering::Relaxed);
    }

    pub(crate) fn job_ended(&self, verdict: &Verdict) {
        self.0.metrics.ended(verdict);
    }

    /// How many slots render an image.
    pub(crate) fn busy(&self) -> u32 {
        self.0.renderers.get().and_then(Weak::upgrade).map_or(0, |renderers| renderers.busy())
    }

    pub(crate) fn is_subscribed(&self) -> bool {
        self.0.subscribed.get().is_some_and(|subscribed| subscribed())
    }

    /// Whether the worker waits for a job without a subscription, so that none can arrive.
    pub(crate) fn waits_in_vain(&self) -> bool {
        self.0.waiting.load(Ordering::Relaxed) && !self.is_subscribed()
    }

    /// Whether jobs can come now: the worker is subscribed to the queue, and both stores answered when last used.
    pub(crate) fn is_consuming(&self) -> bool {
        self.is_subscribed() && self.stores() == StoresHealth::Answering
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }
}
