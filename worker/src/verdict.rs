//! The result of a delivery: what the row says by now, what the queue has to be told, and what metrics count.

use std::time::Duration;

use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::jobs::{JobError, Settle};

/// The shortest and the longest time that a job waits in a retry queue by our wish.
pub(crate) const SHORTEST_WAIT: Duration = Duration::from_secs(5);
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// What became of a delivery. Each has one way to settle it.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Both variants are visible.
    Done,
    /// Nothing was left to do: the image is finished, deleted, of another generation, or another worker's.
    Obsolete,
    /// Another claim's lease still runs, whose worker may be dead.
    Busy,
    /// The image has failed for good.
    Failed { code: FailureCode, detail: String },
    /// The job comes again after a while.
    Later { delay: Duration, reason: String },
    /// The worker shuts down, and another one gets the job.
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

    /// Tells the queue.
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
