//! The heartbeat of a worker: the row by which operators see that it runs, and what it does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use resizinator_shared::host;
use resizinator_shared::ids::WorkerId;
use resizinator_shared::metadata::{self, MetadataStore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::status::Status;

/// How often the row is written.
const EVERY: Duration = Duration::from_secs(5);
/// How long the end of a worker waits until its row is removed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// The task that keeps the row. A database that is away, or that does not have the table, disturbs nothing but the row.
pub(crate) struct Heartbeat {
    stop: CancellationToken,
    beating: AbortOnDropHandle<()>,
}

impl Heartbeat {
    pub(crate) fn begin(metadata: Arc<MetadataStore>, status: Status, slots: u16) -> Self {
        let stop = CancellationToken::new();
        let beating = tokio::spawn(keep_beating(metadata, status, slots, stop.clone()));
        Self { stop, beating: AbortOnDropHandle::new(beating) }
    }

    /// Removes the row, since the worker ends.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        // A row that stays is removed by an api later.
        drop(timeout(PATIENCE, self.beating).await);
    }
}

async fn keep_beating(metadata: Arc<MetadataStore>, status: Status, slots: u16, stop: CancellationToken) {
    let (id, host, begin) = (WorkerId::random(), host::name(), Instant::now());
    loop {
        let beat = metadata::Heartbeat {
            id: &id,
            host: &host,
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION"),
            slots,
            busy: status.busy(),
            consuming: status.is_consuming(),
            running: begin.elapsed(),
        };
        if let Err(error) = metadata.beat(&beat).await {
            log::debug!("the heartbeat was not written: {error}");
        }
        tokio::select! {
            () = sleep(EVERY) => {}
            () = stop.cancelled() => break,
        }
    }
    // No heartbeat is under way any more that would write the row again.
    if let Err(error) = metadata.forget_worker(&id).await {
        log::debug!("the row of this worker was not removed: {error}");
    }
}
