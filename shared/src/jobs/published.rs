//! The count of the messages that this process has published.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

/// The number of messages by queue and by what became of them, for the metrics. All clones share it.
pub type Published = Family<PublishedTo, Counter>;

/// The queue that messages were published to, and what became of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct PublishedTo {
    queue: String,
    outcome: &'static str,
}

impl PublishedTo {
    /// The broker has stored the message.
    pub(super) fn confirmed(queue: &str) -> Self {
        Self { queue: queue.into(), outcome: "confirmed" }
    }

    /// The queue does not exist.
    pub(super) fn returned(queue: &str) -> Self {
        Self { queue: queue.into(), outcome: "returned" }
    }

    /// The broker answered with a nack.
    pub(super) fn refused(queue: &str) -> Self {
        Self { queue: queue.into(), outcome: "refused" }
    }

    /// There was no answer.
    pub(super) fn failed(queue: &str) -> Self {
        Self { queue: queue.into(), outcome: "failed" }
    }
}
