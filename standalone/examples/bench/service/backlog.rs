//! Measures the share of the cores that is idle while jobs are waiting, which a better worker could still use.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use resizinator_shared::jobs::{JobQueue, RabbitQueue};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::kernel::MachineTimes;

/// The time between two checks. Each check asks the broker, and must not become a load itself.
const PERIOD: Duration = Duration::from_millis(200);

/// The sum of the times between two checks that both found a backlog.
#[derive(Debug, Default)]
pub(super) struct Idle {
    under_backlog: MachineTimes,
    last: Option<MachineTimes>,
}

impl Idle {
    /// Adds a check. `backlog` says whether more jobs are ready than the worker can take at once.
    fn note(&mut self, backlog: bool, now: MachineTimes) {
        let last = std::mem::replace(&mut self.last, backlog.then_some(now));
        if let (Some(last), true) = (last, backlog) {
            let passed = now.since(last);
            self.under_backlog.idle += passed.idle;
            self.under_backlog.total += passed.total;
        }
    }

    /// The idle share from 0 to 1, or `None` if there was no backlog. Other programs on the machine count as busy time.
    pub(super) fn share(&self) -> Option<f64> {
        self.under_backlog.idle_share()
    }
}

/// A task that checks until it is stopped.
pub(super) struct Watch {
    stop: oneshot::Sender<()>,
    watching: JoinHandle<anyhow::Result<Idle>>,
}

impl Watch {
    pub(super) fn start(queue: Arc<RabbitQueue>, slots: u16) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let watching = tokio::spawn(async move {
            let mut idle = Idle::default();
            let mut looks = interval(PERIOD);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = &mut stopped => return Ok(idle),
                    _ = looks.tick() => {
                        let ready = queue.depth().await?.ready;
                        idle.note(ready > slots.into(), MachineTimes::now()?);
                    }
                }
            }
        });
        Self { stop, watching }
    }

    pub(super) async fn stop(self) -> anyhow::Result<Idle> {
        // The task may have ended with an error, which the next line returns.
        let _ = self.stop.send(());
        self.watching.await?.context("watching the backlog")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(looks: &[(bool, u64, u64)]) -> Option<f64> {
        let mut idle = Idle::default();
        for (backlog, idle_ticks, total) in looks {
            idle.note(*backlog, MachineTimes { idle: *idle_ticks, total: *total });
        }
        idle.share()
    }

    #[test]
    fn only_the_time_between_two_looks_at_a_backlog_counts() {
        let seen = [
            (false, 0, 100),
            (true, 90, 200),
            (true, 100, 300),
            (true, 130, 400),
            (false, 230, 500),
            (true, 330, 600),
        ];
        assert_eq!(looks(&seen), Some(40.0 / 200.0));
    }

    #[test]
    fn without_a_backlog_there_is_no_share_rather_than_zero() {
        assert_eq!(looks(&[(false, 0, 100), (false, 90, 200)]), None);
        assert_eq!(looks(&[(true, 0, 100), (false, 90, 200), (true, 100, 300)]), None);
        assert_eq!(looks(&[]), None);
    }
}
