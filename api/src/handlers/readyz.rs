use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;
use resizinator_metrics::{Part, Problems};
use resizinator_shared::backends::Backends;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::state::ApiState;

/// How long the answer of the backends counts, so that strangers cannot make work for them by asking often.
const FRESH: Duration = Duration::from_secs(1);

/// The last check of the backends, and its time. Requests that come during a check wait for it.
#[derive(Default)]
pub(crate) struct LastCheck(Mutex<Option<(Instant, Problems)>>);

/// What of the service answers.
#[derive(Serialize, ToSchema)]
struct Readiness {
    /// `ready`, `degraded` or `unavailable`.
    status: &'static str,
    /// `ok` or `unavailable`.
    metadata: &'static str,
    /// `ok` or `unavailable`.
    objects: &'static str,
    /// `ok` or `unavailable`.
    jobs: &'static str,
}

/// `GET readyz`: answers 200 if requests can be served, or else 503. Without the job queue the service is only
/// `degraded`: it accepts uploads, and they are processed when the queue is back.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "is_ready",
    tag = "service",
    summary = "Ask whether requests can be served",
    responses(
        (
            status = 200,
            description = "They can. Without the job queue the service is only `degraded`: it accepts uploads, and they are processed when the queue is back.",
            body = Readiness,
            example = json!({ "status": "ready", "metadata": "ok", "objects": "ok", "jobs": "ok" }),
        ),
        (
            status = 503,
            description = "The metadata store or the object store does not answer.",
            body = Readiness,
            example = json!({ "status": "unavailable", "metadata": "unavailable", "objects": "ok", "jobs": "ok" }),
        ),
    ),
)]
pub(crate) async fn handle(state: Data<ApiState>) -> HttpResponse {
    let readiness = Part::readiness(&**state).await;
    let body = Readiness {
        status: readiness.status(),
        metadata: readiness.word("metadata"),
        objects: readiness.word("objects"),
        jobs: readiness.word("jobs"),
    };
    match readiness.is_working() {
        true => HttpResponse::Ok().json(body),
        false => HttpResponse::ServiceUnavailable().json(body),
    }
}

impl LastCheck {
    /// The problems that the backends have now, or had less than a second ago.
    pub(crate) async fn fresh(&self, backends: &Backends) -> Problems {
        let mut last = self.0.lock().await;
        if let Some((_, problems)) = last.as_ref().filter(|(time, _)| time.elapsed() < FRESH) {
            return problems.clone();
        }
        let problems = Problems::of(backends).await;
        *last = Some((Instant::now(), problems.clone()));
        problems
    }
}
