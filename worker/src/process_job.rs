//! One job, top to bottom: claim, fetch, render, store, finish, settle.

use std::time::{Duration, Instant};

use bytes::Bytes;
use resizinator_shared::backends::Backends;
use resizinator_shared::image::Image;
use resizinator_shared::jobs::{Delivery, JobError};
use resizinator_shared::metadata::{ClaimOutcome, MetadataError, Release};
use resizinator_shared::objects::{Content, ObjectKey};
use resizinator_shared::resize_job::ResizeJob;
use resizinator_shared::settings::Limits;
use resizinator_shared::variant::VariantKind;

use crate::error::Failure;
use crate::lease::Lease;
use crate::render::render;

/// The shortest and the longest that a job waits for a backend.
const SHORTEST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// Between tries to give a claim back.
const RELEASE_PAUSE: Duration = Duration::from_secs(1);

/// What a job showed of the backends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    Fine,
    /// One is away: the worker takes no job until all answer.
    Away,
}

pub(crate) async fn process_job(backends: &Backends, limits: &Limits, delivery: Delivery) -> Health {
    let Delivery { job, settle, .. } = delivery;
    let asked = Instant::now();
    let claimed = backends.metadata.claim(job.image_id, job.user_id, job.generation, limits.lease).await;
    let (settled, health) = match claimed {
        Ok(ClaimOutcome::Claimed(image)) => match work(backends, limits, &image, asked).await {
            Ok(()) => {
                log::info!("image {} is ready after {:.0} ms", image.id, asked.elapsed().as_secs_f64() * 1e3);
                (settle.ack().await, Health::Fine)
            }
            Err(Failure::ClaimLost) => (settle.ack().await, Health::Fine),
            Err(Failure::File { code, detail }) => match fail(backends, &image, code, &detail).await {
                Ok(()) => (settle.fail(code, &detail).await, Health::Fine),
                Err(error) => (settle.retry(SHORTEST_WAIT, &error.to_string()).await, Health::Away),
            },
            Err(Failure::Backend(error)) => match postpone(backends, limits, &image, &error).await {
                Postponed::For(delay) => (settle.retry(delay, &error).await, Health::Away),
                Postponed::GivenUp(detail) => (settle.fail(GAVE_UP, &detail).await, Health::Away),
            },
        },
        Ok(ClaimOutcome::Over) => (settle.ack().await, Health::Fine),
        // Redelivered while its lease still runs, by a worker that may be dead.
        Ok(ClaimOutcome::Busy) => {
            (settle.retry(SHORTEST_WAIT, "another claim's lease still runs").await, Health::Fine)
        }
        Err(error) => (settle.retry(SHORTEST_WAIT, &error.to_string()).await, Health::Away),
    };
    note_unsettled(&job, settled);
    health
}

async fn work(backends: &Backends, limits: &Limits, image: &Image, claimed: Instant) -> Result<(), Failure> {
    let lease = Lease::keep(backends.metadata.clone(), image.clone(), limits.lease, claimed);
    let original = backends
        .objects
        .get(&ObjectKey::original(image), limits.bytes.max(image.bytes.unsigned_abs()))
        .await?;
    let variants = render(original, limits).await?;
    for (kind, variant) in [(VariantKind::Small, variants.small), (VariantKind::Medium, variants.medium)] {
        lease.check()?;
        let key = ObjectKey::variant(image, image.generation, kind);
        backends.objects.put(&key, Content::of(Bytes::from(variant.bytes))).await?;
    }
    lease.check()?;
    let is_ours = backends.metadata.finish_ready(image).await?;
    if is_ours { Ok(()) } else { Err(Failure::ClaimLost) }
}

async fn fail(backends: &Backends, image: &Image, code: &str, detail: &str) -> Result<(), MetadataError> {
    log::info!("image {} failed: {code}: {detail}", image.id);
    backends.metadata.finish_failed(image, code, detail).await.map(drop)
}

const GAVE_UP: &str = "gave_up";

enum Postponed {
    For(Duration),
    GivenUp(String),
}

/// A backend's error gives the attempt back, and fails the image only long after its acceptance.
async fn postpone(backends: &Backends, limits: &Limits, image: &Image, error: &str) -> Postponed {
    let metadata = &backends.metadata;
    log::warn!("image {} has to wait: {error}", image.id);
    loop {
        let age = match (metadata.now().await, image.accepted_at) {
            (Ok(now), Some(accepted)) => (now - accepted).to_std().unwrap_or_default(),
            _ => Duration::ZERO,
        };
        // As long again as it has waited: doubling, without a counter to carry along.
        let delay = age.clamp(SHORTEST_WAIT, LONGEST_WAIT);
        let outcome = if age > limits.give_up {
            let detail =
                format!("The service could not finish the image within {} s.", limits.give_up.as_secs());
            let given_up = metadata.finish_failed(image, GAVE_UP, &detail).await;
            given_up.map(|_| Postponed::GivenUp(detail))
        } else {
            metadata.release(image, Release::After(delay)).await.map(|_| Postponed::For(delay))
        };
        match outcome {
            Ok(postponed) => return postponed,
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
