//! What a worker tells the endpoints for operators: its metrics, and whether it is ready.

use async_trait::async_trait;
use prometheus_client::registry::Registry;
use resizinator_metrics::{Part, Problems, Readiness};
use resizinator_shared::backends::Backends;

use crate::status::{Status, StoresHealth};

/// The worker with this status, which uses these backends.
pub struct WorkerPart {
    status: Status,
    backends: Backends,
}

impl WorkerPart {
    /// The part of a process that has this worker.
    pub fn new(status: Status, backends: Backends) -> Self {
        Self { status, backends }
    }
}

#[async_trait]
impl Part for WorkerPart {
    fn registry(&self) -> &Registry {
        &self.status.metrics().registry
    }

    async fn refresh(&self) {
        let metrics = self.status.metrics();
        metrics.consuming.set(self.status.is_consuming().into());
        metrics.busy.set(self.status.busy().into());
    }

    /// The worker is ready if it is subscribed to the queue and the stores answered when they were last used. Only if not,
    /// it asks them once more, to say why.
    async fn readiness(&self) -> Readiness {
        let needs = |problems: Problems| {
            vec![("metadata", problems.metadata), ("objects", problems.objects), ("jobs", problems.jobs)]
        };
        if self.status.is_consuming() {
            return Readiness { needs: needs(Problems::default()), works: true, ..Readiness::default() };
        }
        let mut problems = Problems::of(&self.backends).await;
        if !self.status.is_subscribed() {
            let no_subscription = || "the broker answers, and the worker has no subscription".to_owned();
            problems.jobs.get_or_insert_with(no_subscription);
        }
        if self.status.stores() == StoresHealth::Away && problems.objects.is_none() {
            let not_back = || "the stores answer again, and the worker has not tried them yet".to_owned();
            problems.metadata.get_or_insert_with(not_back);
        }
        Readiness { needs: needs(problems), works: false, ..Readiness::default() }
    }
}
