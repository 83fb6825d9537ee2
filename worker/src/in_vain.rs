//! Detects that the broker answers but gives this worker no subscription, so that no job can arrive.

use std::sync::Arc;
use std::time::{Duration, Instant};

use resizinator_shared::jobs::JobQueue;

use crate::status::Status;

/// Completes once the broker has answered for as long as `patience` without giving the worker a subscription. It checks
/// every `pause`. The time does not count while the broker is away or the worker waits for something else, because a
/// new process could do nothing better then.
pub(crate) async fn waited_in_vain(
    status: Status,
    jobs: Arc<dyn JobQueue>,
    patience: Duration,
    pause: Duration,
) {
    let mut since = None;
    loop {
        tokio::time::sleep(pause).await;
        let in_vain = status.waits_in_vain() && jobs.depth().await.is_ok() && status.waits_in_vain();
        since = in_vain.then(|| since.unwrap_or_else(Instant::now));
        if since.is_some_and(|since| since.elapsed() >= patience) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use async_trait::async_trait;
    use resizinator_shared::jobs::{Depth, JobConsumer, JobError};
    use resizinator_shared::resize_job::ResizeJob;
    use resizinator_shared::trace::Trace;
    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(50);
    const PAUSE: Duration = Duration::from_millis(5);
    /// After this many checks more time than `PATIENCE` has passed.
    const MANY_LOOKS: u32 = 20;

    /// A broker that only answers or does not answer, and never gives a subscription.
    #[derive(Debug, Default)]
    struct Broker {
        answers: AtomicBool,
        asked: AtomicU32,
    }

    #[async_trait]
    impl JobQueue for Broker {
        async fn publish(&self, _job: &ResizeJob, _trace: &Trace) -> Result<(), JobError> {
            self.check().await
        }

        async fn consume(&self, _prefetch: u16) -> Result<Box<dyn JobConsumer>, JobError> {
            Err(JobError("it gives no subscription".into()))
        }

        async fn depth(&self) -> Result<Depth, JobError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.check().await.map(|()| Depth::default())
        }

        async fn ready(&self) -> Result<u64, JobError> {
            self.depth().await.map(|depth| depth.ready)
        }

        async fn check(&self) -> Result<(), JobError> {
            self.answers.load(Ordering::Relaxed).then_some(()).ok_or_else(|| JobError("it is away".into()))
        }

        fn last_created(&self) -> Option<Instant> {
            None
        }
    }

    /// A worker that waits for a job, and the running check of [`waited_in_vain`] on it.
    struct Story {
        broker: Arc<Broker>,
        subscribed: Arc<AtomicBool>,
        looks: Arc<AtomicU32>,
        watch: JoinHandle<()>,
    }

    impl Story {
        fn begin(broker_answers: bool, is_subscribed: bool) -> Self {
            let broker = Arc::new(Broker { answers: broker_answers.into(), asked: 0.into() });
            let subscribed = Arc::new(AtomicBool::new(is_subscribed));
            let looks = Arc::new(AtomicU32::new(0));
            let status = Status::default();
            let (answer, count) = (subscribed.clone(), looks.clone());
            let ask = move || {
                count.fetch_add(1, Ordering::Relaxed);
                answer.load(Ordering::Relaxed)
            };
            status.start(1, Box::new(ask), Weak::new());
            status.set_waiting(true);
            let watch = tokio::spawn(waited_in_vain(status, broker.clone(), PATIENCE, PAUSE));
            Self { broker, subscribed, looks, watch }
        }

        async fn ends(self) {
            timeout(Duration::from_secs(20), self.watch).await.expect("it ends").expect("without a panic");
        }

        async fn many_more(&self, counter: &AtomicU32) {
            let wanted = counter.load(Ordering::Relaxed) + MANY_LOOKS;
            while counter.load(Ordering::Relaxed) < wanted {
                assert!(!self.watch.is_finished(), "it ended after {counter:?} of {wanted}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    #[tokio::test]
    async fn a_worker_that_an_answering_broker_gives_no_jobs_has_waited_in_vain() {
        let begin = Instant::now();
        Story::begin(true, false).ends().await;
        assert!(begin.elapsed() >= PATIENCE);
    }

    #[tokio::test]
    async fn a_broker_that_is_away_is_waited_for_however_long_it_takes() {
        let story = Story::begin(false, false);
        story.many_more(&story.broker.asked).await;
        story.broker.answers.store(true, Ordering::Relaxed);
        story.ends().await;
    }

    #[tokio::test]
    async fn a_worker_that_is_subscribed_waits_for_jobs_however_long_it_takes() {
        let story = Story::begin(true, true);
        story.many_more(&story.looks).await;
        story.subscribed.store(false, Ordering::Relaxed);
        story.ends().await;
    }
}
