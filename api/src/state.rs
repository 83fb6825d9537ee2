//! The state that all handlers share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use resizinator_shared::backends::Backends;
use resizinator_shared::dispatch::{Marks, Turns};
use resizinator_shared::settings::Settings;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::events::Hub;
use crate::handlers::readyz::LastCheck;
use crate::hashers::Hashers;
use crate::metrics::Metrics;
use crate::overview::LastOverview;
use crate::rates::Rates;
use crate::token_uses::TokenUses;
use crate::upload::{Admission, Disk};
use crate::webhooks::Webhooks;

pub(crate) struct ApiState {
    pub(crate) settings: Settings,
    pub(crate) backends: Backends,
    pub(crate) metrics: Metrics,
    pub(crate) hashers: Hashers,
    pub(crate) rates: Arc<Rates>,
    pub(crate) token_uses: TokenUses,
    pub(crate) events: Arc<Hub>,
    /// What `readyz` found when it last asked the backends.
    pub(crate) readiness: LastCheck,
    /// What operators were last told.
    pub(crate) overview: LastOverview,
    pub(crate) admission: Arc<Admission>,
    pub(crate) disk: Arc<Disk>,
    pub(crate) webhooks: Webhooks,
    /// Whose job is published next while the queue has no room for all.
    pub(crate) turns: Turns,
    /// The images whose jobs the queue has confirmed, until their rows are marked as queued.
    pub(crate) marks: Arc<Marks>,
    /// Wakes upkeep when there is a new tombstone.
    pub(crate) buried: Notify,
    /// The requests that are running, and the work that they still do after their answer.
    pub(crate) under_way: TaskTracker,
    /// A token that is cancelled when the process begins to shut down. From then on clients should connect to another
    /// replica.
    pub(crate) stopping: CancellationToken,
    started: AtomicBool,
}

impl ApiState {
    pub(crate) fn new(settings: Settings, backends: Backends) -> Arc<Self> {
        Arc::new(Self {
            admission: Arc::default(),
            disk: Disk::of(&settings),
            rates: Arc::new(Rates::new(&settings.rate_limits)),
            webhooks: Webhooks::new(settings.webhook_targets),
            settings,
            backends,
            metrics: Metrics::default(),
            hashers: Hashers::default(),
            token_uses: TokenUses::default(),
            events: Arc::default(),
            readiness: LastCheck::default(),
            overview: LastOverview::default(),
            turns: Turns::default(),
            marks: Arc::default(),
            buried: Notify::new(),
            under_way: TaskTracker::new(),
            stopping: CancellationToken::new(),
            started: AtomicBool::new(false),
        })
    }

    /// Whether the database is migrated, so that requests can be answered.
    pub(crate) fn is_started(&self) -> bool {
        self.started.load(Ordering::Acquire)
    }

    pub(crate) fn set_started(&self) {
        self.started.store(true, Ordering::Release);
    }
}
