//! The marks of jobs that the queue has confirmed.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::image::Image;
use crate::metadata::{MetadataError, MetadataStore};

/// The time during which confirmed jobs are gathered before one statement marks all their rows. The queue is short, so workers
/// take most small images within this time, and the row of an image that a worker has taken needs no mark. A job without a mark
/// is published again only after a much longer time.
const GATHER: Duration = Duration::from_millis(500);

/// Gathers the images whose jobs the queue has confirmed, and marks the rows of many of them as queued in one statement.
#[derive(Debug, Default)]
pub struct Marks {
    gathered: Mutex<Vec<Image>>,
    writing: tokio::sync::Mutex<()>,
}

impl Marks {
    /// Marks the rows of images as queued, together with those of other callers. If the statement fails, upkeep publishes the
    /// same jobs again later. A second job for an image does no harm.
    pub(super) async fn mark(&self, metadata: &MetadataStore, images: Vec<Image>) {
        if let Err(error) = self.try_mark(metadata, images).await {
            log::debug!("the jobs of a moment are published again, since they were not marked: {error}");
        }
    }

    async fn try_mark(&self, metadata: &MetadataStore, images: Vec<Image>) -> Result<(), MetadataError> {
        self.gathered().extend(images);
        let _turn = self.writing.lock().await;
        // Whoever has just written may have had these too.
        if self.gathered().is_empty() {
            return Ok(());
        }
        tokio::time::sleep(GATHER).await;
        let gathered = mem::take(&mut *self.gathered());
        metadata.mark_queued(&gathered).await
    }

    fn gathered(&self) -> MutexGuard<'_, Vec<Image>> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
