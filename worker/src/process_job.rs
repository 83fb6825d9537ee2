//! The processing of one job from start to end: claim the image, attempt it, write the outcome to the row, settle the
//! delivery.

use std::time::{Duration, Instant};

use log::Level;
use resizinator_shared::ids::ImageId;
use resizinator_shared::jobs::Delivery;
use resizinator_shared::metadata::{ClaimOutcome, MetadataError, Release};
use resizinator_shared::resize_job::ResizeJob;
use resizinator_shared::trace::{LogName, RequestId, Trace, TraceParent};
use tokio_util::sync::CancellationToken;

use crate::attempt::attempt;
use crate::conclude::conclude;
use crate::context::WorkerContext;
use crate::metrics::Step;
use crate::status::StoresHealth;
use crate::verdict::{LONGEST_WAIT, SHORTEST_WAIT, Verdict};

/// Processes a delivery and settles it; no other place settles a delivery. Returns the verdict, and whether the
/// metadata store and the object store answered. If `stop` is cancelled, the claim is released without counting the
/// attempt, and the job goes back to the queue.
pub(crate) async fn process_job(
    context: &WorkerContext,
    delivery: Delivery,
    stop: &CancellationToken,
) -> (Verdict, StoresHealth) {
    let Delivery { job, trace, settle, .. } = delivery;
    let name = trace.log_name(job.image_id);
    let begun = Instant::now();
    let (verdict, stores) = judge(context, &job, name, stop).await;
    log_end(&verdict, &trace, job.image_id, begun.elapsed());
    if let Err(error) = verdict.settle(settle).await {
        log::warn!("{name}: its job will come again, which does no harm: {error}");
    }
    (verdict, stores)
}

async fn judge(
    context: &WorkerContext,
    job: &ResizeJob,
    name: LogName<'_>,
    stop: &CancellationToken,
) -> (Verdict, StoresHealth) {
    let (metadata, limits) = (&context.backends.metadata, &context.limits);
    let asked = Instant::now();
    let image = match metadata.claim(job.image_id, job.user_id, job.generation, limits.lease).await {
        Ok(ClaimOutcome::Claimed(image)) => image,
        Ok(ClaimOutcome::Over) => return (Verdict::Obsolete, StoresHealth::Answering),
        Ok(ClaimOutcome::Busy) => return (Verdict::Busy, StoresHealth::Answering),
        Err(MetadataError::Unavailable(reason)) => {
            return (Verdict::Later { delay: SHORTEST_WAIT, reason }, StoresHealth::Away);
        }
        Err(error) => {
            // An attempt can only be counted in the row, so the job is retried until an operator has repaired the
            // tables.
            log::error!("{name}: it cannot be claimed: {error}");
            let later = Verdict::Later { delay: LONGEST_WAIT, reason: error.to_string() };
            return (later, StoresHealth::Answering);
        }
    };
    let metrics = context.status.metrics();
    if image.claim.is_first()
        && let (Some(accepted), Ok(now)) = (image.accepted_at, metadata.now().await)
    {
        metrics.took(Step::Queue, (now - accepted).to_std().unwrap_or_default());
    }
    let finished = async {
        match attempt(context, &image, asked).await {
            Ok(()) => (Verdict::Done, StoresHealth::Answering),
            Err(error) => conclude(context, &image, error).await,
        }
    };
    if let Some((verdict, stores)) = stop.run_until_cancelled(finished).await {
        if matches!(verdict, Verdict::Done | Verdict::Failed { .. }) {
            metrics.finished(image.attempts, asked.elapsed());
        }
        return (verdict, stores);
    }
    if let Err(error) = metadata.release(&image, Release::Now).await {
        log::warn!("{}: its claim has to run out: {error}", image.log_name());
    }
    (Verdict::HandedBack, StoresHealth::Answering)
}

/// Logs the end of a job, which every job has in one line.
fn log_end(verdict: &Verdict, trace: &Trace, image_id: ImageId, took: Duration) {
    let name = trace.log_name(image_id);
    let (level, code, what) = match verdict {
        Verdict::Done => (Level::Info, None, format!("done after {:.0} ms", took.as_secs_f64() * 1e3)),
        Verdict::Failed { code, detail } => {
            (Level::Info, Some(code.name()), format!("failed: {code}: {detail}"))
        }
        Verdict::Later { reason, .. } => (Level::Warn, None, format!("it has to wait: {reason}")),
        Verdict::Busy => (Level::Info, None, "another worker has it, or had it when it died".into()),
        Verdict::Obsolete => (Level::Info, None, "there is nothing more to do".into()),
        Verdict::HandedBack => (Level::Info, None, "handed back, since the worker stops".into()),
    };
    log::log!(
        level,
        image_id = image_id.get(),
        request_id:serde = trace.request_id.as_ref().map(RequestId::as_str),
        trace_id:serde = trace.parent.as_ref().map(TraceParent::trace_id),
        outcome = verdict.label(),
        code:serde,
        seconds = took.as_secs_f64();
        "{name}: {what}",
    );
}
