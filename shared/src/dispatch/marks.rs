//! The marks of jobs that the queue has confirmed.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::image::Image;
use crate::metadata::{MetadataError, MetadataStore};

/// How long confirmed jobs are gathered before one statement marks all their rows. The queue is short, so workers have taken
/// most small images by then, and the row of an image that a worker has taken needs no mark. This time is far shorter than the
/// time after which a job without a mark is published again.
const GATHER: Duration = Duration::from_millis(500);

/// Marks rows as queued, those of a moment in one statement.
#[derive(Debug, Default)]
pub struct Marks {
    gathered: Mutex<Vec<Image>>,
    writing: tokio::sync::Mutex<()>,
}

impl Marks {
    /// Marks the rows of images as queued, together with those of other callers. If the statement fails, the jobs are published
    /// again later, which does no harm.
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
