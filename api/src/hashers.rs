//! Password hashing for requests. Each hash takes 19 MiB and tens of milliseconds of a core, so only a few run at the
//! same time, and only so many requests wait for one.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::error::ApiError;
use crate::metrics::Limit;

/// How many passwords are hashed at the same time.
const RUNNING: usize = 2;
/// How many requests may be hashing or waiting for it. The last of them waits for about two seconds.
const WAITING: usize = 64;

/// The places for requests that hash a password.
pub(crate) struct Hashers {
    running: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Default for Hashers {
    fn default() -> Self {
        Self { running: Arc::new(Semaphore::new(RUNNING)), waiting: Semaphore::new(WAITING) }
    }
}

impl Hashers {
    /// Runs `work`, which hashes a password, outside the threads of the event loops.
    ///
    /// # Errors
    /// [`ApiError::Busy`] at once if too many requests wait already.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let Ok(_waiting) = self.waiting.try_acquire() else {
            return Err(ApiError::Busy(
                Limit::PasswordChecks,
                format!(
                    "The limit of passwords that are checked at a time is {WAITING}, and that many requests wait. Please \
                 try again."
                ),
            ));
        };
        let running = Arc::clone(&self.running).acquire_owned().await.expect("never closed");
        // A hash that has begun goes on when its client has gone, so its permit goes with it.
        let work = move || {
            let _running = running;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| ApiError::Internal(error.to_string()))
    }
}
