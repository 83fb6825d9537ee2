//! The marks of jobs that the queue has confirmed.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::image::Image;
use crate::metadata::{MetadataError, MetadataStore};

/// How long marks are gathered. Meanwhile a worker that has nothing else to do takes the job, and then there is nothing to
/// mark. It is far below the time after which upkeep publishes a job that is not marked.
const GATHER: Duration = Duration::from_millis(50);

/// Marks rows as queued, those of a moment in one statement.
#[derive(Debug, Default)]
pub struct Marks {
    gathered: Mutex<Vec<Image>>,
    writing: tokio::sync::Mutex<()>,
}

impl Marks {
    /// Marks the row of an image as queued. If that fails, its job is published again, which does no harm.
    pub(super) async fn mark(&self, metadata: &MetadataStore, image: Image) -> Result<(), MetadataError> {
        self.gathered().push(image);
        let _turn = self.writing.lock().await;
        // Whoever has just written may have had this one too.
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
