//! A part of a process, as the endpoints see it.

use async_trait::async_trait;
use prometheus_client::registry::Registry;

use crate::readiness::Readiness;

/// A part of a process that has metrics.
#[async_trait]
pub trait Part: Send + Sync {
    /// The metrics.
    fn registry(&self) -> &Registry;

    /// Brings those metrics up to date that do not count by themselves. It takes a few seconds at most, whatever is away.
    async fn refresh(&self);

    /// Whether this part can work now. It takes a few seconds at most.
    async fn readiness(&self) -> Readiness {
        Readiness::default()
    }
}
