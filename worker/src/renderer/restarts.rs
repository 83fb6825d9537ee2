//! The count of renderers that were replaced.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

/// The number of replaced renderers by reason, for the metrics. All clones share it.
pub type Restarts = Family<[(&'static str, Reason); 1], Counter>;

/// Why a renderer was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It took too long.
    TimedOut,
    /// It ran out of memory.
    OutOfMemory,
    /// It crashed.
    Crashed,
    /// It panicked.
    Panicked,
    /// It had read an original of another user.
    OtherUser,
    /// It had used up its CPU time.
    CpuUsed,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 6] =
        [Self::TimedOut, Self::OutOfMemory, Self::Crashed, Self::Panicked, Self::OtherUser, Self::CpuUsed];

    const fn name(self) -> &'static str {
        match self {
            Self::TimedOut => "timed_out",
            Self::OutOfMemory => "out_of_memory",
            Self::Crashed => "crashed",
            Self::Panicked => "panicked",
            Self::OtherUser => "other_user",
            Self::CpuUsed => "cpu_used",
        }
    }
}

impl prometheus_client::encoding::EncodeLabelValue for Reason {
    fn encode(&self, encoder: &mut prometheus_client::encoding::LabelValueEncoder<'_>) -> std::fmt::Result {
        self.name().encode(encoder)
    }
}

pub(super) fn count(restarts: &Restarts, reason: Reason) {
    restarts.get_or_create(&[("reason", reason)]).inc();
}
