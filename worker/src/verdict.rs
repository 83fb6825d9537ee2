//! The result of a delivery. It decides how the delivery is settled in the queue and how the metrics count it.

use std::time::Duration;

use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::jobs::{JobError, Settle};

/// The shortest delay that the worker asks for when a job has to wait in a retry queue.
pub(crate) const SHORTEST_WAIT: Duration = Duration::from_secs(5);
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// The result of a delivery. Each variant has exactly one way to settle the delivery.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Both variants are visible.
    Done,
    /// There is nothing to do: the image is finished, deleted or of another generation, or another worker has claimed
    /// it.
    Obsolete,
    /// The lease of another claim is still valid, but its worker may be dead, so the job is retried.
    Busy,
    /// The image has failed for good.
    Failed { code: FailureCode, detail: String },
    /// The job is retried after `delay`.
    Later { delay: Duration, reason: String },
    /// The worker shuts down, and the job goes back to the queue for another worker.
    HandedBack,
}

impl Verdict {
    /// The value of the metrics' label `outcome`.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Obsolete => "obsolete",
            Self::Busy | Self::Later { .. } => "retried",
            Self::Failed { .. } => "failed",
            Self::HandedBack => "handed_back",
        }
    }

    /// Settles the delivery in the queue as this verdict demands.
    pub(crate) async fn settle(&self, delivery: Box<dyn Settle>) -> Result<(), JobError> {
        match self {
            Self::Done | Self::Obsolete => delivery.ack().await,
            Self::Busy => delivery.retry(SHORTEST_WAIT, "another claim's lease still runs").await,
            Self::Failed { code, detail } => delivery.fail(*code, detail).await,
            Self::Later { delay, reason } => delivery.retry(*delay, reason).await,
            Self::HandedBack => delivery.hand_back().await,
        }
    }
}
