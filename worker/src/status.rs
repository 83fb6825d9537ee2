//! What a worker says of itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use resizinator_shared::jobs::Subscribed;
use tokio::sync::watch;

/// Whether the metadata store and the object store are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    Fine,
    /// One is away: the worker takes no job until all answer.
    Away,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Failed,
    Retried,
    HandedBack,
    /// Nothing was left to do.
    Obsolete,
}

impl Outcome {
    const fn label(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Retried => "retried",
            Self::HandedBack => "handed_back",
            Self::Obsolete => "obsolete",
        }
    }
}

/// A worker's state, shared by whoever changes it and whoever shows it.
#[derive(Clone)]
pub struct Status(Arc<Inner>);

struct Inner {
    subscribed: OnceLock<Subscribed>,
    /// Somebody waits for a job, who would notice a subscription that is lost.
    waiting: AtomicBool,
    health: watch::Sender<Health>,
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
        // Until the stores have answered once.
        let health = watch::Sender::new(Health::Away);
        let (subscribed, waiting) = (OnceLock::new(), AtomicBool::new(false));
        Self(Arc::new(Inner { subscribed, waiting, health, registry, consuming, slots, busy, jobs }))
    }
}

impl Status {
    pub(crate) fn start(&self, slots: u16, subscribed: Subscribed) {
        self.0.slots.set(slots.into());
        // A second worker in one process would have a status of its own.
        let _ = self.0.subscribed.set(subscribed);
    }

    pub(crate) fn health(&self) -> Health {
        *self.0.health.borrow()
    }

    pub(crate) fn set_health(&self, health: Health) {
        self.0.health.send_replace(health);
    }

    pub(crate) fn set_waiting(&self, waiting: bool) {
        self.0.waiting.store(waiting, Ordering::Relaxed);
    }

    pub(crate) fn job_began(&self) {
        self.0.busy.inc();
    }

    pub(crate) fn job_ended(&self, outcome: Outcome) {
        self.0.busy.dec();
        self.0.jobs.get_or_create(&[("outcome", outcome.label())]).inc();
    }

    pub(crate) fn is_subscribed(&self) -> bool {
        self.0.subscribed.get().is_some_and(|subscribed| subscribed())
    }

    /// It waits for a job, and none can come.
    pub(crate) fn waits_in_vain(&self) -> bool {
        self.0.waiting.load(Ordering::Relaxed) && !self.is_subscribed()
    }

    /// In the text format of Prometheus. <https://prometheus.io/docs/specs/om/open_metrics_spec/>
    pub(crate) fn metrics(&self) -> String {
        self.0.consuming.set((self.is_subscribed() && self.health() == Health::Fine).into());
        let mut text = String::new();
        encode(&mut text, &self.0.registry).expect("a String takes everything");
        text
    }
}
