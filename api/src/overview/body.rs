//! What operators are told of the service, as JSON.

use std::time::Duration;

use chrono::{DateTime, Utc};
use resizinator_shared::image::rfc3339_micros;
use resizinator_shared::jobs::Depth;
use resizinator_shared::metadata::{FailureCount, ImageCounts, ImageOverview, Worker};
use resizinator_shared::settings::{QueueUrl, Settings};
use serde::Serialize;
use utoipa::ToSchema;

/// How the service is: what becomes of the images of all users, and who works.
#[derive(Serialize, ToSchema)]
pub(crate) struct Overview {
    images: ImagesByState,
    /// The time in seconds, to a tenth, since the acceptance of the oldest image that is neither ready nor failed; null
    /// if there is none.
    #[schema(required, minimum = 0)]
    oldest_waiting_seconds: Option<f64>,
    /// How many images have waited for more than ten seconds for the queue to confirm their job; 1,000 stands for more.
    #[schema(minimum = 0, maximum = 1000)]
    unqueued: i64,
    /// How many images wait until it is the turn of their users, since the queue has enough jobs; 1,000 stands for more.
    #[schema(minimum = 0, maximum = 1000)]
    held: i64,
    /// Null if the queue does not answer.
    #[schema(required)]
    queue: Option<Queue>,
    /// The workers that have said within the last minute that they run, in the order of their hosts.
    workers: Vec<WorkerRecord>,
    /// The codes with which images have failed, those of most images first.
    failures: Vec<FailureRecord>,
    /// The address of the broker's management UI, if the service was told one.
    #[schema(required, format = "uri")]
    rabbitmq_ui: Option<String>,
    /// When the images were counted, which may be some seconds ago.
    #[serde(serialize_with = "rfc3339_micros")]
    at: DateTime<Utc>,
}

/// How many images there are in each state.
#[derive(Serialize, ToSchema)]
struct ImagesByState {
    #[schema(minimum = 0)]
    pending: i64,
    #[schema(minimum = 0)]
    processing: i64,
    #[schema(minimum = 0)]
    ready: i64,
    #[schema(minimum = 0)]
    failed: i64,
}

/// How many messages wait in the job queue.
#[derive(Serialize, ToSchema)]
struct Queue {
    /// `rabbitmq`, or `in-process`.
    kind: &'static str,
    /// Jobs that no worker has.
    ready: u64,
    /// Jobs that come back after a while.
    retrying: u64,
    /// Copies of jobs whose images have failed.
    failed: u64,
}

/// A worker as it last described itself.
#[derive(Serialize, ToSchema)]
struct WorkerRecord {
    /// A random text that the worker made when it started.
    id: String,
    host: String,
    /// The id of its process on that host.
    pid: i64,
    version: String,
    /// How many images it renders at a time at most.
    slots: i64,
    /// How many jobs it had under way.
    busy: i64,
    /// Whether jobs could come: it was subscribed to the queue, and both stores answered.
    consuming: bool,
    #[serde(serialize_with = "rfc3339_micros")]
    started_at: DateTime<Utc>,
    #[serde(serialize_with = "rfc3339_micros")]
    seen_at: DateTime<Utc>,
}

/// The images that have failed with one code.
#[derive(Serialize, ToSchema)]
struct FailureRecord {
    code: String,
    #[schema(minimum = 1)]
    images: i64,
    /// Whether another try may pass, since the file is not at fault.
    retryable: bool,
    /// The sentence that the last one of them has.
    #[schema(required)]
    detail: Option<String>,
    /// When the last one of them failed.
    #[serde(serialize_with = "rfc3339_micros")]
    last_at: DateTime<Utc>,
}

impl Overview {
    pub(super) fn of(
        images: ImageOverview,
        workers: Vec<Worker>,
        depth: Option<Depth>,
        settings: &Settings,
    ) -> Self {
        let ImageCounts { pending, processing, ready, failed } = images.images;
        let kind = match settings.queue {
            QueueUrl::InProcess => "in-process",
            QueueUrl::Amqp(_) => "rabbitmq",
        };
        let queue = |Depth { ready, retrying, failed }| Queue { kind, ready, retrying, failed };
        Self {
            images: ImagesByState { pending, processing, ready, failed },
            oldest_waiting_seconds: images.oldest_waiting.map(to_a_tenth),
            unqueued: images.unqueued,
            held: images.held,
            queue: depth.map(queue),
            workers: workers.into_iter().map(WorkerRecord::from).collect(),
            failures: images.failures.into_iter().map(FailureRecord::from).collect(),
            rabbitmq_ui: settings.rabbitmq_ui.as_ref().map(ToString::to_string),
            at: images.at,
        }
    }
}

fn to_a_tenth(time: Duration) -> f64 {
    f64::from(u32::try_from(time.as_millis() / 100).unwrap_or(u32::MAX)) / 10.0
}

impl From<Worker> for WorkerRecord {
    fn from(worker: Worker) -> Self {
        let Worker { id, host, pid, version, slots, busy, consuming, started_at, seen_at } = worker;
        Self { id, host, pid, version, slots, busy, consuming, started_at, seen_at }
    }
}

impl From<FailureCount> for FailureRecord {
    fn from(count: FailureCount) -> Self {
        let FailureCount { code, images, detail, last_at } = count;
        Self { code: code.name().to_owned(), images, retryable: code.may_pass_later(), detail, last_at }
    }
}
