//! One job, top to bottom: claim, fetch, render, store, finish, settle.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use resizinator_shared::backends::Backends;
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::image::Image;
use resizinator_shared::jobs::{Delivery, JobError, nearest_retry_delay};
use resizinator_shared::metadata::{ClaimOutcome, MetadataStore, Release};
use resizinator_shared::objects::{Content, ObjectKey};
use resizinator_shared::resize_job::ResizeJob;
use resizinator_shared::settings::Limits;
use resizinator_shared::variant::VariantKind;
use tokio_util::sync::CancellationToken;

use crate::error::Failure;
use crate::lease::Lease;
use crate::renderer::Renderers;
use crate::status::{Health, Outcome};

/// The shortest and the longest that a job waits for a backend.
const SHORTEST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// Between tries to give a claim back.
const RELEASE_PAUSE: Duration = Duration::from_secs(1);

/// What became of the job, and what it showed of the stores. `stop` cuts the work short: the job goes back to the queue, and the claim's attempt is given back.
pub(crate) async fn process_job(
    backends: &Backends,
    limits: &Limits,
    renderers: &Arc<Renderers>,
    delivery: Delivery,
    stop: &CancellationToken,
) -> (Outcome, Health) {
    let Delivery { job, settle, .. } = delivery;
    let asked = Instant::now();
    let claimed = backends.metadata.claim(job.image_id, job.user_id, job.generation, limits.lease).await;
    let (settled, outcome, health) = match claimed {
        Ok(ClaimOutcome::Claimed(image)) => {
            let finished = async {
                let worked = work(backends, limits, renderers, &image, asked).await;
                conclude(backends, limits, &image, worked).await
            };
            let conclusion = stop.run_until_cancelled(finished).await;
            match conclusion {
                Some(Conclusion::Done) => {
                    log::info!(
                        "image {}: done after {:.0} ms",
                        image.id,
                        asked.elapsed().as_secs_f64() * 1e3
                    );
                    (settle.ack().await, Outcome::Done, Health::Fine)
                }
                Some(Conclusion::Failed { code, detail, health }) => {
                    (settle.fail(code, &detail).await, Outcome::Failed, health)
                }
                Some(Conclusion::Later { delay, error }) => {
                    (settle.retry(delay, &error).await, Outcome::Retried, Health::Away)
                }
                None => {
                    if let Err(error) = backends.metadata.release(&image, Release::Now).await {
                        log::warn!("the claim of image {} has to run out: {error}", image.id);
                    }
                    (settle.hand_back().await, Outcome::HandedBack, Health::Fine)
                }
            }
        }
        Ok(ClaimOutcome::Over) => (settle.ack().await, Outcome::Obsolete, Health::Fine),
        // Redelivered while its lease still runs, by a worker that may be dead.
        Ok(ClaimOutcome::Busy) => (
            settle.retry(SHORTEST_WAIT, "another claim's lease still runs").await,
            Outcome::Retried,
            Health::Fine,
        ),
        Err(error) => (settle.retry(SHORTEST_WAIT, &error.to_string()).await, Outcome::Retried, Health::Away),
    };
    note_unsettled(&job, settled);
    (outcome, health)
}

async fn work(
    backends: &Backends,
    limits: &Limits,
    renderers: &Arc<Renderers>,
    image: &Image,
    claimed: Instant,
) -> Result<(), Failure> {
    let lease = Lease::keep(backends.metadata.clone(), image.clone(), limits.lease, claimed);
    let variants = {
        let mut slot = renderers.slot().await?;
        let max_bytes = limits.bytes.max(image.bytes.unsigned_abs());
        let len = backends.objects.get(&ObjectKey::original(image), max_bytes, slot.input()).await?;
        slot.render(image.format, len).await?
    };
    let sizes = variants.sizes();
    for (kind, variant) in [(VariantKind::Small, variants.small), (VariantKind::Medium, variants.medium)] {
        lease.check()?;
        let key = ObjectKey::variant(image, image.generation, kind);
        let put = backends.objects.put(&key, Content::of(Bytes::from(variant.bytes)));
        // Upkeep counts on it that no put runs longer.
        tokio::time::timeout(limits.upload, put).await.map_err(|_| {
            Failure::Backend("the object store took longer than RESIZINATOR_UPLOAD_TIMEOUT".into())
        })??;
    }
    lease.check()?;
    // Neither read by a URL that works, nor written by a put that is late.
    let keep_old = limits.url_lifetime.max(limits.latest_put());
    let is_ours = backends.metadata.finish_ready(image, sizes, keep_old).await?;
    if is_ours { Ok(()) } else { Err(Failure::ClaimLost) }
}

/// What the row says by now, and the queue has to be told.
enum Conclusion {
    /// Ready, or somebody else's.
    Done,
    Failed {
        code: FailureCode,
        detail: String,
        health: Health,
    },
    Later {
        delay: Duration,
        error: String,
    },
}

async fn conclude(
    backends: &Backends,
    limits: &Limits,
    image: &Image,
    worked: Result<(), Failure>,
) -> Conclusion {
    let metadata = &backends.metadata;
    match worked {
        Ok(()) | Err(Failure::ClaimLost) => Conclusion::Done,
        Err(Failure::Backend(error)) => postpone(metadata, limits, image, error).await,
        Err(Failure::File { code, detail }) => {
            log::info!("image {} failed: {code}: {detail}", image.id);
            match metadata.finish_failed(image, code, &detail).await {
                Ok(_) => Conclusion::Failed { code, detail, health: Health::Fine },
                Err(error) => postpone(metadata, limits, image, error.to_string()).await,
            }
        }
    }
}

/// A backend's error gives the attempt back, and fails the image only long after its acceptance.
async fn postpone(metadata: &MetadataStore, limits: &Limits, image: &Image, error: String) -> Conclusion {
    log::warn!("image {} has to wait: {error}", image.id);
    loop {
        let age = match (metadata.now().await, image.accepted_at) {
            (Ok(now), Some(accepted)) => (now - accepted).to_std().unwrap_or_default(),
            _ => Duration::ZERO,
        };
        // As long again as it has waited: doubling, without a counter to carry along. Rounded as the
        // queue rounds it, since upkeep takes a job for lost that is not where `due_at` says.
        let wish = age.clamp(SHORTEST_WAIT, LONGEST_WAIT);
        let delay = nearest_retry_delay(&limits.retry_delays, wish).unwrap_or(wish);
        let outcome = if age > limits.give_up {
            let detail =
                format!("The service could not finish the image within {} s.", limits.give_up.as_secs());
            let given_up = metadata.finish_failed(image, FailureCode::GaveUp, &detail).await;
            given_up.map(|_| Conclusion::Failed { code: FailureCode::GaveUp, detail, health: Health::Away })
        } else {
            let released = metadata.release(image, Release::After(delay)).await;
            released.map(|_| Conclusion::Later { delay, error: error.clone() })
        };
        match outcome {
            Ok(conclusion) => return conclusion,
            // Until the row is reached the attempt would count as one that died.
            Err(_) => tokio::time::sleep(RELEASE_PAUSE).await,
        }
    }
}

fn note_unsettled(job: &ResizeJob, settled: Result<(), JobError>) {
    if let Err(error) = settled {
        log::warn!("the job of image {} will come again, which does no harm: {error}", job.image_id);
    }
}
