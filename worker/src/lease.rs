//! The lease of a claim: it is renewed while the job runs, and it says whether the claim still holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use resizinator_shared::image::Image;
use resizinator_shared::metadata::MetadataStore;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::error::AttemptError;

/// The lease of a claim. A background task renews it until this value is dropped.
pub(crate) struct Lease {
    /// The end of the lease on the monotonic clock. It is counted from the moment before the renewal was sent, so that
    /// it is never later than the end that the row holds.
    valid_until: watch::Receiver<Instant>,
    lost: Arc<AtomicBool>,
    keeper: JoinHandle<()>,
}

impl Lease {
    /// Starts to renew a lease of `length`. `claimed` is the moment before the claim was sent.
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
                    Err(error) => log::warn!("{}: its lease is not renewed yet: {error}", image.log_name()),
                }
            }
        });
        Self { valid_until, lost, keeper }
    }

    /// Fails if the lease has expired or the claim is lost. It is called before every write, because a worker without a
    /// valid lease must not write.
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
