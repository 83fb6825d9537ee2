//! What an api tells the endpoints for operators: its metrics, and whether it is ready.

use std::time::Duration;

use async_trait::async_trait;
use prometheus_client::registry::Registry;
use resizinator_metrics::{Part, Readiness};
use resizinator_shared::jobs::Depth;
use resizinator_shared::metadata::Backlog;

use crate::state::ApiState;

/// How long the broker may take to confirm the job of an accepted image before the image counts as unqueued.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

#[async_trait]
impl Part for ApiState {
    fn registry(&self) -> &Registry {
        &self.metrics.registry
    }

    async fn refresh(&self) {
        let metrics = &self.metrics;
        metrics.uploads.set(self.admission.running().into());
        metrics.streams.set(i64::try_from(self.events.streams()).unwrap_or(i64::MAX));
        let problems = self.readiness.fresh(&self.backends).await;
        let backends =
            [("metadata", &problems.metadata), ("objects", &problems.objects), ("jobs", &problems.jobs)];
        for (backend, problem) in backends {
            metrics.backends_up.get_or_create(&[("backend", backend)]).set(problem.is_none().into());
        }
        let backlog = async {
            if problems.metadata.is_some() || !self.is_started() {
                return None;
            }
            self.backends.metadata.backlog(GRACE).await.ok()
        };
        let depth = async {
            if problems.jobs.is_some() {
                return None;
            }
            self.backends.jobs.depth().await.ok()
        };
        let (backlog, depth) = tokio::join!(backlog, depth);
        match backlog {
            Some(Backlog { oldest, unqueued, held }) => {
                metrics.oldest.get_or_create(&[]).set(oldest.as_secs_f64());
                metrics.unqueued.get_or_create(&[]).set(unqueued);
                metrics.held.get_or_create(&[]).set(held);
            }
            None => {
                metrics.oldest.clear();
                metrics.unqueued.clear();
                metrics.held.clear();
            }
        }
        match depth {
            Some(Depth { ready, retrying, failed }) => {
                for (queue, messages) in [("main", ready), ("retry", retrying), ("failed", failed)] {
                    let messages = i64::try_from(messages).unwrap_or(i64::MAX);
                    metrics.messages.get_or_create(&[("queue", queue)]).set(messages);
                }
            }
            None => metrics.messages.clear(),
        }
    }

    async fn readiness(&self) -> Readiness {
        let problems = self.readiness.fresh(&self.backends).await;
        let not_started = || (!self.is_started()).then(|| "the database is not migrated yet".to_owned());
        let metadata = problems.metadata.or_else(not_started);
        // Without the job queue it accepts uploads, and they are processed when the queue is back.
        let works = metadata.is_none() && problems.objects.is_none();
        let needs = vec![("metadata", metadata), ("objects", problems.objects), ("jobs", problems.jobs)];
        Readiness { needs, works, ..Readiness::default() }
    }
}
