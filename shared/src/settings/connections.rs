//! The limits on the connections that clients open to the api.

use std::time::Duration;

/// How many connections the api serves, and how long a client may take for each step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// `RESIZINATOR_MAX_CONNECTIONS`: how many connections one process serves at the same time.
    pub total: usize,
    /// `RESIZINATOR_MAX_CONNECTIONS_PER_ADDRESS`: how many of them may come from one address. A trusted proxy may open
    /// as many as it likes.
    pub per_address: usize,
    /// `RESIZINATOR_HEAD_TIMEOUT`: how long the head of a request may take from its first byte on.
    pub head: Duration,
    /// `RESIZINATOR_STALL_TIMEOUT`: how long a client may neither send the body that it has announced nor read the
    /// answer. It is also the time over which [`Self::rate`] is measured.
    pub stall: Duration,
    /// `RESIZINATOR_MIN_RATE`: how many bytes of a body have to arrive each second, on average over [`Self::stall`].
    pub rate: u64,
    /// `RESIZINATOR_IDLE_TIMEOUT`: how long a connection stays open without a request.
    pub idle: Duration,
}

impl ConnectionLimits {
    /// How many bytes of a body have to arrive in each period of [`Self::stall`].
    pub fn least_bytes(&self) -> u64 {
        self.rate.saturating_mul(self.stall.as_secs())
    }
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            total: 4096,
            per_address: 256,
            head: Duration::from_secs(10),
            stall: Duration::from_secs(20),
            rate: 1024,
            idle: Duration::from_secs(30),
        }
    }
}
