//! The claim of an upload on its key, which lasts until the upload is accepted or has failed.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use resizinator_shared::idempotency::IdempotencyKey;
use resizinator_shared::image::Image;
use tokio::runtime::Handle;
use tokio::time::{MissedTickBehavior, interval};

use crate::state::ApiState;

/// How long a key stays claimed if its process dies.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// A key that is claimed for an upload. When this is dropped, also because the client has gone, the upload is given up
/// and the key is free, unless the upload was accepted.
pub(super) struct Claim {
    state: Arc<ApiState>,
    image: Image,
    pub(super) key: IdempotencyKey,
    /// The runtime of the request, which may have gone when this is dropped.
    runtime: Handle,
    is_over: bool,
}

impl Claim {
    pub(super) fn new(state: Arc<ApiState>, image: Image, key: IdempotencyKey) -> Self {
        Self { state, image, key, runtime: Handle::current(), is_over: false }
    }

    /// Renews the lease for as long as the work runs. `None` if the key is lost meanwhile: then the upload cannot be
    /// accepted any more.
    pub(super) async fn while_running<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let renewal = async {
            let mut turns = interval(LEASE / 3);
            turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
            // The first turn comes at once.
            turns.tick().await;
            loop {
                turns.tick().await;
                match self.state.backends.metadata.renew_key(&self.image, &self.key, LEASE).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    // Until the lease has run out, and as long as nobody repeats the upload, nothing is lost.
                    Err(error) => log::debug!("the lease of a key is not renewed yet: {error}"),
                }
            }
        };
        tokio::select! {
            done = work => Some(done),
            () = renewal => None,
        }
    }

    /// Keeps the key, because the upload was accepted.
    pub(super) fn keep(mut self) {
        self.is_over = true;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let (state, image, key) = (Arc::clone(&self.state), self.image.clone(), self.key.clone());
        let give_up = async move {
            match state.backends.metadata.give_up_with_key(&image, &key).await {
                Ok(()) => state.buried.notify_one(),
                Err(error) => log::debug!("a key is free when its lease has run out: {error}"),
            }
        };
        self.state.under_way.spawn_on(give_up, &self.runtime);
    }
}
