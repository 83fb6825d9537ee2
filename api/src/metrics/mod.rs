//! The metrics of the api. docs/metrics.md describes them.

mod limit;
mod part;
mod request;

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use resizinator_metrics::seconds;

pub(crate) use limit::{Limit, Refusals, count};
pub(crate) use part::GRACE;
pub(crate) use request::{Answered, Route, UNKNOWN};

/// A metric that is absent while its value is not known.
type Maybe<N> = Family<[(&'static str, &'static str); 0], N>;
type Label = [(&'static str, &'static str); 1];
type ByLabel<N> = Family<Label, N>;

pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    request_seconds: Family<Label, Histogram, fn() -> Histogram>,
    in_progress: Gauge,
    pub(crate) connections: Gauge,
    pub(crate) refusals: Refusals,
    uploads: Gauge,
    upload_size: Histogram,
    upload_seconds: Histogram,
    streams: Gauge,
    deliveries: ByLabel<Counter>,
    delivery_seconds: Histogram,
    backends_up: ByLabel<Gauge>,
    oldest: Maybe<Gauge<f64, std::sync::atomic::AtomicU64>>,
    unqueued: Maybe<Gauge>,
    held: Maybe<Gauge>,
    messages: ByLabel<Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("resizinator");
        let request_seconds: fn() -> Histogram = || seconds(0.001, 15);
        let metrics = Self {
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(request_seconds),
            in_progress: Gauge::default(),
            connections: Gauge::default(),
            refusals: Family::default(),
            uploads: Gauge::default(),
            // From 1 KiB to 64 MiB.
            upload_size: Histogram::new(exponential_buckets(1024.0, 4.0, 9)),
            upload_seconds: seconds(0.001, 18),
            streams: Gauge::default(),
            deliveries: Family::default(),
            delivery_seconds: seconds(0.004, 13),
            backends_up: Family::default(),
            oldest: Family::default(),
            unqueued: Family::default(),
            held: Family::default(),
            messages: Family::default(),
            registry: Registry::default(),
        };
        metrics.register(&mut registry);
        for limit in Limit::all() {
            drop(metrics.refusals.get_or_create(&[("limit", limit)]));
        }
        for outcome in [DELIVERED, FAILED] {
            drop(metrics.deliveries.get_or_create(&[("outcome", outcome)]));
        }
        Self { registry, ..metrics }
    }
}

const DELIVERED: &str = "delivered";
const FAILED: &str = "failed";

impl Metrics {
    fn register(&self, of_service: &mut Registry) {
        of_service.register_with_unit(
            "oldest_unfinished_image_age",
            "The time since the acceptance of the oldest image that is neither ready nor failed",
            Unit::Seconds,
            self.oldest.clone(),
        );
        let unqueued = "Accepted images whose job the broker has not confirmed, counted up to 1,000";
        of_service.register("unqueued_images", unqueued, self.unqueued.clone());
        let held = "Images that wait until it is the turn of their users, counted up to 1,000";
        of_service.register("held_images", held, self.held.clone());
        of_service.register("queue_messages", "Messages that wait in the queues", self.messages.clone());
        let api = of_service.sub_registry_with_prefix("api");
        api.register("requests", "Answered requests", self.requests.clone());
        api.register_with_unit(
            "request_duration",
            "The time from the head of a request to the head of its answer",
            Unit::Seconds,
            self.request_seconds.clone(),
        );
        api.register("requests_in_progress", "Requests that are not answered yet", self.in_progress.clone());
        api.register("connections", "Open connections of clients", self.connections.clone());
        api.register("refusals", "Connections and requests that a limit refused", self.refusals.clone());
        api.register("uploads_in_progress", "Uploads that are received or stored", self.uploads.clone());
        let size = "The sizes of the accepted originals";
        api.register_with_unit("upload_size", size, Unit::Bytes, self.upload_size.clone());
        api.register_with_unit(
            "upload_duration",
            "The time from the head of an accepted upload to its acceptance",
            Unit::Seconds,
            self.upload_seconds.clone(),
        );
        api.register("event_streams", "Open streams of events", self.streams.clone());
        api.register("webhook_deliveries", "Tries to deliver to a webhook", self.deliveries.clone());
        let tries = "The time of a try to deliver to a webhook";
        api.register_with_unit(
            "webhook_delivery_duration",
            tries,
            Unit::Seconds,
            self.delivery_seconds.clone(),
        );
        api.register("backend_up", "1 if the backend answers now, else 0", self.backends_up.clone());
    }

    /// Counts a request as in progress until the result is dropped, also if its client goes away.
    pub(crate) fn begin_request(&self) -> InProgress {
        InProgress::new(&self.in_progress)
    }

    /// Counts an answered request. Without `took`, its time says nothing.
    pub(crate) fn answered(&self, answered: &Answered, took: Option<Duration>) {
        self.requests.get_or_create(answered).inc();
        if let Some(took) = took {
            self.request_seconds.get_or_create(&[("route", answered.route)]).observe(took.as_secs_f64());
        }
    }

    /// Counts an accepted upload.
    pub(crate) fn accepted(&self, bytes: u64, took: Duration) {
        self.upload_size.observe(bytes as f64);
        self.upload_seconds.observe(took.as_secs_f64());
    }

    /// Counts a try to deliver to a webhook.
    pub(crate) fn delivery(&self, is_delivered: bool, took: Duration) {
        let outcome = if is_delivered { DELIVERED } else { FAILED };
        self.deliveries.get_or_create(&[("outcome", outcome)]).inc();
        self.delivery_seconds.observe(took.as_secs_f64());
    }
}

/// One of the things that a gauge counts. It counts until this is dropped.
#[derive(Debug)]
pub(crate) struct InProgress(Gauge);

impl InProgress {
    pub(crate) fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.dec();
    }
}
