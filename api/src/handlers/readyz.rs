use std::future::Future;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;

use crate::state::ApiState;

const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    metadata: &'static str,
    objects: &'static str,
    jobs: &'static str,
}

/// `GET readyz`: answers 200 if requests can be served, or else 503. Without the job queue the service is only
/// `degraded`: it accepts uploads, and they are processed when the queue is back.
pub(crate) async fn handle(state: Data<ApiState>) -> HttpResponse {
    let backends = &state.backends;
    let (metadata, objects, jobs) = tokio::join!(
        answers(backends.metadata.check()),
        answers(backends.objects.check()),
        answers(backends.jobs.check()),
    );
    let metadata = metadata && state.is_started();
    let status = match (metadata && objects, jobs) {
        (true, true) => "ready",
        (true, false) => "degraded",
        (false, _) => "unavailable",
    };
    let word = |is_there| if is_there { "ok" } else { "unavailable" };
    let body = Readiness { status, metadata: word(metadata), objects: word(objects), jobs: word(jobs) };
    match metadata && objects {
        true => HttpResponse::Ok().json(body),
        false => HttpResponse::ServiceUnavailable().json(body),
    }
}

async fn answers<E: std::fmt::Display>(check: impl Future<Output = Result<(), E>>) -> bool {
    match tokio::time::timeout(PATIENCE, check).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            log::warn!("not ready: {error}");
            false
        }
        Err(_) => false,
    }
}
