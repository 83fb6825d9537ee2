//! The metrics of a worker. docs/metrics.md describes them.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use resizinator_metrics::seconds;
use resizinator_shared::failure_code::FailureCode;

use crate::renderer::{Reason, Restarts, StepTimes};
use crate::verdict::Verdict;

type Label = (&'static str, &'static str);

/// One step of a job.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// From the acceptance to the first claim.
    Queue,
    Fetch,
    Store,
}

pub(crate) struct Metrics {
    pub(crate) registry: Registry,
    pub(crate) consuming: Gauge,
    pub(crate) slots: Gauge,
    pub(crate) busy: Gauge,
    pub(crate) restarts: Restarts,
    jobs: Family<[Label; 2], Counter>,
    steps: Family<[Label; 1], Histogram, fn() -> Histogram>,
    job_seconds: Histogram,
    attempts: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("resizinator_worker");
        let (consuming, slots, busy) = (Gauge::default(), Gauge::default(), Gauge::default());
        let (restarts, jobs) = (Restarts::default(), Family::default());
        // From half a millisecond to four minutes.
        let step: fn() -> Histogram = || seconds(0.000_5, 20);
        let steps = Family::new_with_constructor(step);
        let (job_seconds, attempts) = (step(), Histogram::new([1.0, 2.0, 3.0, 4.0, 5.0]));
        registry.register("consuming", "1 if jobs can come now, else 0", consuming.clone());
        registry.register("slots", "Images that can be rendered at a time", slots.clone());
        registry.register("busy_slots", "Slots that render an image", busy.clone());
        registry.register("jobs", "Deliveries that have ended, by what became of them", jobs.clone());
        registry.register_with_unit(
            "step_duration",
            "The time of one step of a job",
            Unit::Seconds,
            steps.clone(),
        );
        registry.register_with_unit(
            "job_duration",
            "The time from the claim of a job to its end, done or failed",
            Unit::Seconds,
            job_seconds.clone(),
        );
        registry.register(
            "attempts",
            "How many attempts the images took that are done or have failed",
            attempts.clone(),
        );
        registry.register("renderer_restarts", "Renderers that were replaced, by reason", restarts.clone());
        let metrics = Self { registry, consuming, slots, busy, restarts, jobs, steps, job_seconds, attempts };
        metrics.begin_at_zero();
        metrics
    }
}

impl Metrics {
    /// Makes each counter a metric before it has counted anything. A monitoring system does not see the first step of one
    /// that appears with it.
    fn begin_at_zero(&self) {
        for reason in Reason::ALL {
            drop(self.restarts.get_or_create(&[("reason", reason)]));
        }
        for outcome in ["done", "retried", "handed_back", "obsolete"] {
            drop(self.jobs.get_or_create(&[("outcome", outcome), ("code", "")]));
        }
        for code in FailureCode::ALL {
            drop(self.jobs.get_or_create(&[("outcome", "failed"), ("code", code.name())]));
        }
    }

    pub(crate) fn took(&self, step: Step, time: Duration) {
        let step = match step {
            Step::Queue => "queue",
            Step::Fetch => "fetch",
            Step::Store => "store",
        };
        self.observe(step, time);
    }

    pub(crate) fn rendered(&self, times: StepTimes) {
        self.observe("decode", times.decode);
        self.observe("resize", times.resize);
        self.observe("encode", times.encode);
    }

    /// Counts an image that is done or has failed.
    pub(crate) fn finished(&self, attempts: i32, took: Duration) {
        self.attempts.observe(attempts.into());
        self.job_seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn ended(&self, verdict: &Verdict) {
        let code = match verdict {
            Verdict::Failed { code, .. } => FailureCode::name(*code),
            _ => "",
        };
        self.jobs.get_or_create(&[("outcome", verdict.label()), ("code", code)]).inc();
    }

    fn observe(&self, step: &'static str, time: Duration) {
        self.steps.get_or_create(&[("step", step)]).observe(time.as_secs_f64());
    }
}
