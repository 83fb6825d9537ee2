//! The check of connections to PostgreSQL that have idled. A NAT or a firewall forgets such connections and tells
//! nobody: a statement would wait for its answer in vain until its time is over.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool::managed::Metrics;
use diesel_async::pooled_connection::deadpool::{Hook, HookError};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use tokio::time::timeout;

/// How long after its last use a connection is checked before it is used again. Connections of a busy pool are used more
/// often, so that they do not pay the round trip.
const IDLE: Duration = Duration::from_secs(3);
/// How long the server may take to answer the check. It is so short that enough of the time of a call is left to open
/// a new connection and to use it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Makes the check. If one connection does not answer, all that idled as long are dropped unasked, since one cause has
/// most likely met all of them and a call cannot wait for each.
pub(super) fn check() -> Hook<AsyncPgConnection> {
    let silence = Arc::new(Silence::default());
    Hook::async_fn(move |conn: &mut AsyncPgConnection, metrics: &Metrics| {
        let (silence, last_used) = (Arc::clone(&silence), metrics.recycled.unwrap_or(metrics.created));
        async move {
            if last_used.elapsed() < IDLE {
                return Ok(());
            }
            if silence.was_noticed_after(last_used) {
                return Err(HookError::message("others that idled as long are dead"));
            }
            // The simple protocol: one round trip.
            match timeout(PATIENCE, conn.batch_execute("SELECT 1")).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(HookError::message(error.to_string())),
                Err(_) => {
                    silence.notice();
                    Err(HookError::message("no answer"))
                }
            }
        }
        .boxed()
    })
}

/// When a connection last did not answer the check.
#[derive(Default)]
struct Silence(Mutex<Option<Instant>>);

impl Silence {
    fn notice(&self) {
        log::warn!("PostgreSQL does not answer on a connection that idled: those that idled are replaced");
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn was_noticed_after(&self, last_used: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|noticed| noticed > last_used)
    }
}
