//! Publishes the jobs that the queue does not have, because it never confirmed them, because the broker lost them, or
//! because they were held back.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use resizinator_shared::dispatch::{self, Place, Round, publish_reserved};
use resizinator_shared::image::Image;
use resizinator_shared::metadata::{MetadataError, OverdueJob};
use tokio::time::{sleep, timeout};

use super::{RESERVED, TICK};
use crate::state::ApiState;

/// The age up to which upkeep leaves a row to the request that publishes its job directly.
const GRACE: Duration = Duration::from_secs(5);
const BATCH: i64 = 500;

/// Publishes an image's job and marks the row once the queue has confirmed it.
pub(crate) async fn publish(state: Arc<ApiState>, image: Image) {
    dispatch::publish(&state.backends, &state.marks, image).await;
}

/// Publishes jobs that are held back, whenever the queue has room for them. It never returns.
pub(crate) async fn take_turns(state: Arc<ApiState>) -> Infallible {
    let mut place = Place::default();
    loop {
        // Another process may have held jobs back and ended, so a look is due at least once a second.
        drop(timeout(TICK, state.turns.looked_for()).await);
        loop {
            match state.turns.round(&state.backends, &state.marks, &mut place).await {
                Ok(Round::GoesOn(pause)) => sleep(pause).await,
                Ok(Round::Over) => break,
                Err(error) => {
                    log::debug!("jobs that are held back have to wait: {error}");
                    break;
                }
            }
        }
    }
}

#[derive(Default)]
pub(super) struct Dispatcher {
    seen_created: Option<Instant>,
    short_since: Option<Instant>,
}

impl Dispatcher {
    pub(super) async fn run(&mut self, state: &Arc<ApiState>) -> Result<(), MetadataError> {
        self.forget_lost_queue(state).await?;
        self.hold_unqueued(state).await?;
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

    /// Holds back the jobs that no queue has confirmed, so that they are published when it is the turn of their users. While the
    /// broker does not answer, nothing is done, and operators see these jobs as unqueued.
    async fn hold_unqueued(&self, state: &ApiState) -> Result<(), MetadataError> {
        let metadata = &state.backends.metadata;
        if metadata.unqueued(GRACE, 1).await?.is_empty() || state.backends.jobs.ready().await.is_err() {
            return Ok(());
        }
        loop {
            let held = metadata.hold_unqueued(GRACE, BATCH).await?;
            state.turns.hold();
            if held < usize::try_from(BATCH).unwrap_or(usize::MAX) {
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
            let ours = metadata.reserve(images, RESERVED).await?;
            publish_reserved(&state.backends, &state.marks, ours).await?;
        }
        Ok(())
    }
}

/// How long a job has to be overdue to be published again. This doubles with every publish, so that a message that is
/// only slow is not copied for ever.
fn interval(job: &OverdueJob, lease: Duration) -> Duration {
    lease * 2_u32.saturating_pow(job.publishes.clamp(1, 16).unsigned_abs() - 1)
}
