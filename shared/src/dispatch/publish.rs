//! Publishing jobs, and marking their rows once the queue has confirmed them.

use std::future::ready;
use std::sync::Arc;

use futures_util::{StreamExt, stream};

use super::Marks;
use crate::backends::Backends;
use crate::image::Image;
use crate::metadata::MetadataError;
use crate::resize_job::ResizeJob;

/// How many jobs wait for their confirms at the same time.
const PIPELINE: usize = 100;

/// Publishes the job of an image and marks its row. If that fails, upkeep publishes the job.
pub async fn publish(backends: &Backends, marks: &Marks, image: Image) {
    if confirmed(backends, &image).await {
        marks.mark(&backends.metadata, vec![image]).await;
    }
}

/// Publishes the jobs of images that this process has reserved, and returns how many of them the queue confirmed. A
/// background task marks the rows of the confirmed jobs. The reservations of the other images are given up, so that their jobs
/// can be published again at once.
///
/// # Errors
/// If the database does not answer when a reservation is given up. The jobs are then published after the reservation has expired.
pub async fn publish_reserved(
    backends: &Backends,
    marks: &Arc<Marks>,
    images: Vec<Image>,
) -> Result<usize, MetadataError> {
    let outcomes = stream::iter(images)
        .map(async |image| (confirmed(backends, &image).await, image))
        .buffer_unordered(PIPELINE);
    let (mut queued, mut left) = (Vec::new(), Vec::new());
    outcomes
        .for_each(|(confirmed, image)| {
            if confirmed {
                queued.push(image)
            } else {
                left.push(image.id)
            }
            ready(())
        })
        .await;
    let taken = queued.len();
    let (marks, metadata) = (Arc::clone(marks), Arc::clone(&backends.metadata));
    tokio::spawn(async move { marks.mark(&metadata, queued).await });
    if !left.is_empty() {
        backends.metadata.unreserve(&left).await?;
    }
    Ok(taken)
}

async fn confirmed(backends: &Backends, image: &Image) -> bool {
    let published = backends.jobs.publish(&ResizeJob::of(image), &image.trace).await;
    published
        .inspect_err(|error| log::debug!("{}: its job is not queued yet: {error}", image.log_name()))
        .is_ok()
}
