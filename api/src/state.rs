//! What every handler shares.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use resizinator_shared::backends::Backends;
use resizinator_shared::settings::Settings;
use tokio::sync::{Notify, Semaphore};
use tokio_util::task::TaskTracker;

/// Password hashes at a time: each takes 19 MiB and a core.
const HASHERS: usize = 2;

pub(crate) struct ApiState {
    pub(crate) settings: Settings,
    pub(crate) backends: Backends,
    pub(crate) hashers: Semaphore,
    /// Wakes upkeep when a tombstone waits.
    pub(crate) buried: Notify,
    /// Requests, and what they have left to do after their answer.
    pub(crate) under_way: TaskTracker,
    started: AtomicBool,
}

impl ApiState {
    pub(crate) fn new(settings: Settings, backends: Backends) -> Arc<Self> {
        Arc::new(Self {
            settings,
            backends,
            hashers: Semaphore::new(HASHERS),
            buried: Notify::new(),
            under_way: TaskTracker::new(),
            started: AtomicBool::new(false),
        })
    }

    /// Whether this process is to end: clients do well to connect anew, to another.
    pub(crate) fn is_stopping(&self) -> bool {
        self.under_way.is_closed()
    }

    /// Whether the tables are there, so that requests can be answered.
    pub(crate) fn is_started(&self) -> bool {
        self.started.load(Ordering::Acquire)
    }

    pub(crate) fn set_started(&self) {
        self.started.store(true, Ordering::Release);
    }
}
