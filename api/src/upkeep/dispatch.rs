//! Publishes the jobs that the queue does not have, because it never confirmed them or because the broker lost them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use resizinator_shared::ids::ImageId;
use resizinator_shared::image::Image;
use resizinator_shared::metadata::{MetadataError, OverdueJob};
use resizinator_shared::resize_job::ResizeJob;

use super::RESERVED;
use crate::state::ApiState;

/// The age up to which upkeep leaves a row to the request that publishes its job directly.
const GRACE: Duration = Duration::from_secs(5);
const BATCH: i64 = 500;
/// How many jobs wait for their confirms at the same time.
const PIPELINE: usize = 100;

/// Publishes an image's job and marks the row once the queue has confirmed it.
pub(crate) async fn publish(state: Arc<ApiState>, image: Image) {
    try_publish(&state, &image).await;
}

/// Publishes the jobs of many images as [`publish`] does.
pub(crate) async fn publish_each(state: Arc<ApiState>, images: Vec<Image>) {
    let publish = |image| publish(Arc::clone(&state), image);
    stream::iter(images).for_each_concurrent(PIPELINE, publish).await;
}

async fn try_publish(state: &ApiState, image: &Image) -> bool {
    if let Err(error) = state.backends.jobs.publish(&ResizeJob::of(image), &image.trace).await {
        log::debug!("{}: its job is not queued yet: {error}", image.log_name());
        return false;
    }
    // If the mark fails, the job is published again. The claim makes that harmless.
    state.backends.metadata.mark_queued(image).await.is_ok()
}

#[derive(Default)]
pub(super) struct Dispatcher {
    seen_created: Option<Instant>,
    short_since: Option<Instant>,
}

impl Dispatcher {
    pub(super) async fn run(&mut self, state: &Arc<ApiState>) -> Result<(), MetadataError> {
        self.forget_lost_queue(state).await?;
        self.publish_unqueued(state).await?;
        self.publish_lost(state).await
    }

    /// Marks all jobs to be published again if the queue had to be created anew, since it has lost them.
    async fn forget_lost_queue(&mut self, state: &ApiState) -> Result<(), MetadataError> {
        let last_created = state.backends.jobs.last_created();
        let Some(created) = last_created.filter(|_| last_created != self.seen_created) else {
            return Ok(());
        };
        let metadata = &state.backends.metadata;
        let then = metadata.now().await? - created.elapsed();
        let jobs = metadata.unmark_queued_before(then).await?;
        self.seen_created = last_created;
        if jobs > 0 {
            log::warn!("the job queue is new: {jobs} jobs are published again");
        }
        Ok(())
    }

    async fn publish_unqueued(&self, state: &Arc<ApiState>) -> Result<(), MetadataError> {
        loop {
            let images = state.backends.metadata.unqueued(GRACE, BATCH).await?;
            let last = images.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
            let all_published = publish_all(state, images).await?;
            // If the queue is away, the next tick tries again.
            if last || !all_published {
                return Ok(());
            }
        }
    }

    /// Publishes jobs again whose messages were lost. Messages were lost if the queue has fewer of them than there are
    /// waiting rows for longer than a lease. A backlog without workers has as many messages as rows, so it is not
    /// copied.
    async fn publish_lost(&mut self, state: &Arc<ApiState>) -> Result<(), MetadataError> {
        let (metadata, lease) = (&state.backends.metadata, state.settings.limits.lease);
        let overdue = metadata.count_overdue(lease).await?;
        let lost = match overdue {
            0 => 0,
            _ => match state.backends.jobs.depth().await {
                Ok(depth) => {
                    log::debug!("{overdue} jobs have waited for a lease, and the queue has {}", depth.ready);
                    overdue.saturating_sub_unsigned(depth.ready).max(0)
                }
                Err(_) => return Ok(()),
            },
        };
        if lost == 0 {
            self.short_since = None;
            return Ok(());
        }
        let since = *self.short_since.get_or_insert_with(Instant::now);
        if since.elapsed() < lease {
            return Ok(());
        }
        let now = metadata.now().await?;
        let images: Vec<_> = metadata
            .overdue(lease, lost.min(BATCH))
            .await?
            .into_iter()
            .filter(|job| (now - job.due_at).to_std().is_ok_and(|waited| waited >= interval(job, lease)))
            .map(|job| job.image)
            .collect();
        if !images.is_empty() {
            log::warn!("{lost} queued jobs have no message: {} are published again", images.len());
            publish_all(state, images).await?;
        }
        Ok(())
    }
}

/// How long a job has to be overdue to be published again. This doubles with every publish, so that a message that is
/// only slow is not copied for ever.
fn interval(job: &OverdueJob, lease: Duration) -> Duration {
    lease * 2_u32.saturating_pow(job.publishes.clamp(1, 16).unsigned_abs() - 1)
}

/// Publishes the jobs of those images that no other replica has reserved; `false` if the queue did not take one of
/// them.
async fn publish_all(state: &Arc<ApiState>, images: Vec<Image>) -> Result<bool, MetadataError> {
    let metadata = &state.backends.metadata;
    let ours = metadata.reserve(images, RESERVED).await?;
    let left: Vec<ImageId> = stream::iter(ours)
        .map(|image| async move { (!try_publish(state, &image).await).then_some(image.id) })
        .buffer_unordered(PIPELINE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    if !left.is_empty() {
        metadata.unreserve(&left).await?;
    }
    Ok(left.is_empty())
}
