//! Renews the lease of a claim while its job runs, and knows when the claim may be lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use resizinator_shared::image::Image;
use resizinator_shared::metadata::MetadataStore;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::error::AttemptError;

/// A claim's lease, renewed until this is dropped.
pub(crate) struct Lease {
    /// The end of the lease on the monotonic clock. It counts from before the renewal was sent, so that it comes earlier
    /// than the end in the row.
    valid_until: watch::Receiver<Instant>,
    lost: Arc<AtomicBool>,
    keeper: JoinHandle<()>,
}

impl Lease {
    /// `claimed` is the moment before the claim was sent.
    pub(crate) fn keep(
        metadata: Arc<MetadataStore>,
        image: Image,
        length: Duration,
        claimed: Instant,
    ) -> Self {
        let (renewed, valid_until) = watch::channel(claimed + length);
        let lost = Arc::new(AtomicBool::new(false));
        let is_lost = lost.clone();
        let keeper = tokio::spawn(async move {
            loop {
                tokio::time::sleep(length / 3).await;
                let asked = Instant::now();
                match metadata.renew(&image, length).await {
                    Ok(true) => drop(renewed.send(asked + length)),
                    Ok(false) => return is_lost.store(true, Ordering::Release),
                    Err(error) => log::warn!("the lease of image {} is not renewed yet: {error}", image.id),
                }
            }
        });
        Self { valid_until, lost, keeper }
    }

    /// To be asked before every write: a worker whose lease has run out writes nothing more.
    pub(crate) fn check(&self) -> Result<(), AttemptError> {
        let is_valid = !self.lost.load(Ordering::Acquire) && Instant::now() < *self.valid_until.borrow();
        if is_valid { Ok(()) } else { Err(AttemptError::ClaimLost) }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}
