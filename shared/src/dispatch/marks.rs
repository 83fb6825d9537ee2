//! The marks of jobs that the queue has confirmed.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::image::Image;
use crate::metadata::{MetadataError, MetadataStore};

/// How long marks are gathered. Since the queue is short, workers take most small images meanwhile, and then there is nothing
/// to mark. It is far below the times after which a job that is not marked is published again.
const GATHER: Duration = Duration::from_millis(500);

/// Marks rows as queued, those of a moment in one statement.
#[derive(Debug, Default)]
pub struct Marks {
    gathered: Mutex<Vec<Image>>,
    writing: tokio::sync::Mutex<()>,
}

impl Marks {
    /// Marks the rows of images as queued. If that fails, their jobs are published again, which does no harm.
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
