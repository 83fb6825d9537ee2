//! The processing of one job from start to end: claim the image, attempt it, write the outcome to the row, settle the
//! delivery.

use std::time::Instant;

use resizinator_shared::jobs::Delivery;
use resizinator_shared::metadata::{ClaimOutcome, MetadataError, Release};
use resizinator_shared::resize_job::ResizeJob;
use resizinator_shared::trace::LogName;
use tokio_util::sync::CancellationToken;

use crate::attempt::attempt;
use crate::conclude::conclude;
use crate::context::WorkerContext;
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
    let (verdict, stores) = judge(context, &job, name, stop).await;
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
    let finished = async {
        match attempt(context, &image, asked).await {
            Ok(()) => {
                let milliseconds = asked.elapsed().as_secs_f64() * 1e3;
                log::info!("{}: done after {milliseconds:.0} ms", image.log_name());
                (Verdict::Done, StoresHealth::Answering)
            }
            Err(error) => conclude(context, &image, error).await,
        }
    };
    if let Some(concluded) = stop.run_until_cancelled(finished).await {
        return concluded;
    }
    if let Err(error) = metadata.release(&image, Release::Now).await {
        log::warn!("{}: its claim has to run out: {error}", image.log_name());
    }
    (Verdict::HandedBack, StoresHealth::Answering)
}
