//! The state of a worker that its health endpoints and its metrics report.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use resizinator_shared::jobs::Subscribed;
use tokio::sync::watch;

use crate::verdict::Verdict;

/// Whether the metadata store and the object store answered when they were last used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoresHealth {
    Answering,
    /// At least one store does not answer: the worker takes no job until both answer.
    Away,
}

/// The state of a worker. All clones share it: the worker updates it, and the health endpoints report it.
#[derive(Clone)]
pub struct Status(Arc<Inner>);

struct Inner {
    subscribed: OnceLock<Subscribed>,
    /// Whether the worker waits for a job. Only there does it restore a lost subscription.
    waiting: AtomicBool,
    stores: watch::Sender<StoresHealth>,
    registry: Registry,
    consuming: Gauge,
    slots: Gauge,
    busy: Gauge,
    jobs: Family<[(&'static str, &'static str); 1], Counter>,
}

impl Default for Status {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("resizinator_worker");
        let (consuming, slots, busy, jobs) =
            (Gauge::default(), Gauge::default(), Gauge::default(), Family::default());
        registry.register("consuming", "1 if jobs can come now, else 0", consuming.clone());
        registry.register("slots", "Images that can be rendered at a time", slots.clone());
        registry.register("busy_slots", "Jobs under way", busy.clone());
        registry.register("jobs", "Deliveries that have ended, by what became of them", jobs.clone());
        // This makes the worker check both stores before its first job.
        let stores = watch::Sender::new(StoresHealth::Away);
        let (subscribed, waiting) = (OnceLock::new(), AtomicBool::new(false));
        Self(Arc::new(Inner { subscribed, waiting, stores, registry, consuming, slots, busy, jobs }))
    }
}

impl Status {
    pub(crate) fn start(&self, slots: u16, subscribed: Subscribed) {
        self.0.slots.set(slots.into());
        // A second worker in one process would have a status of its own.
        let _ = self.0.subscribed.set(subscribed);
    }

    pub(crate) fn stores(&self) -> StoresHealth {
        *self.0.stores.borrow()
    }

    pub(crate) fn set_stores(&self, stores: StoresHealth) {
        self.0.stores.send_replace(stores);
    }

    pub(crate) fn set_waiting(&self, waiting: bool) {
        self.0.waiting.store(waiting, Ordering::Relaxed);
    }

    pub(crate) fn job_began(&self) {
        self.0.busy.inc();
    }

    pub(crate) fn job_ended(&self, verdict: &Verdict) {
        self.0.busy.dec();
        self.0.jobs.get_or_create(&[("outcome", verdict.label())]).inc();
    }

    pub(crate) fn is_subscribed(&self) -> bool {
        self.0.subscribed.get().is_some_and(|subscribed| subscribed())
    }

    /// Whether the worker waits for a job without a subscription, so that none can arrive.
    pub(crate) fn waits_in_vain(&self) -> bool {
        self.0.waiting.load(Ordering::Relaxed) && !self.is_subscribed()
    }

    /// The metrics in the OpenMetrics text format. <https://prometheus.io/docs/specs/om/open_metrics_spec/>
    pub(crate) fn metrics(&self) -> String {
        self.0.consuming.set((self.is_subscribed() && self.stores() == StoresHealth::Answering).into());
        let mut text = String::new();
        encode(&mut text, &self.0.registry).expect("a String takes everything");
        text
    }
}
