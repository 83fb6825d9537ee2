//! The backends: their metrics, and whether they answer.

use std::fmt::Display;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use async_trait::async_trait;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use resizinator_shared::backends::Backends;

use crate::part::Part;
use crate::readiness::Readiness;

/// How long a backend may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The metrics of the backends. Every program has them.
pub struct BackendsPart {
    backends: Backends,
    registry: Registry,
    connections: Family<[(&'static str, &'static str); 1], Gauge>,
    most: Gauge,
    waiters: Gauge,
    /// It is not there as long as the offset is not known.
    clock: Family<[(&'static str, &'static str); 0], Gauge<f64, AtomicU64>>,
    broker: Family<[(&'static str, &'static str); 1], Gauge>,
}

impl BackendsPart {
    /// Makes the metrics of these backends.
    pub fn new(backends: Backends) -> Self {
        let mut registry = Registry::with_prefix("resizinator");
        let (connections, broker) = (Family::default(), Family::default());
        let (most, waiters, clock) = (Gauge::default(), Gauge::default(), Family::default());
        registry.register(
            "database_connections",
            "Connections to the database, by state",
            connections.clone(),
        );
        registry.register(
            "database_connections_max",
            "How many connections to the database the process opens at most",
            most.clone(),
        );
        registry.register(
            "database_connection_waiters",
            "Requests and jobs that wait for a connection to the database",
            waiters.clone(),
        );
        registry.register_with_unit(
            "database_clock_offset",
            "By how much the clock of this machine is ahead of the database's",
            Unit::Seconds,
            clock.clone(),
        );
        registry.register(
            "broker_connected",
            "1 if the connection to RabbitMQ is open, else 0",
            broker.clone(),
        );
        registry.register(
            "messages_published",
            "Messages that were published to a queue, by what became of them",
            backends.published.clone(),
        );
        Self { backends, registry, connections, most, waiters, clock, broker }
    }
}

#[async_trait]
impl Part for BackendsPart {
    fn registry(&self) -> &Registry {
        &self.registry
    }

    async fn refresh(&self) {
        let pool = self.backends.metadata.pool();
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.connections.get_or_create(&[("state", "in_use")]).set(number(pool.in_use));
        self.connections.get_or_create(&[("state", "idle")]).set(number(pool.idle));
        self.most.set(number(pool.most));
        self.waiters.set(number(pool.waiters));
        if let Some(offset) = self.backends.metadata.clock_offset() {
            self.clock.get_or_create(&[]).set(offset.as_seconds_f64());
        }
        for (purpose, is_open) in self.backends.jobs.connections() {
            self.broker.get_or_create(&[("purpose", purpose)]).set(is_open.into());
        }
    }

    /// Says what everything works without, and what an operator should mend all the same.
    async fn readiness(&self) -> Readiness {
        let clock = self.backends.metadata.clock_problem().map(|problem| ("clock", problem));
        let queues = self.backends.jobs.unsuitable().map(|problem| ("queues", problem));
        Readiness { warnings: clock.into_iter().chain(queues).collect(), ..Readiness::default() }
    }
}

/// The backends that do not answer, each with a sentence that says why.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    /// The problem of the metadata store.
    pub metadata: Option<String>,
    /// The problem of the object store.
    pub objects: Option<String>,
    /// The problem of the job queue.
    pub jobs: Option<String>,
}

impl Problems {
    /// Asks all backends at the same time, and logs the problems.
    pub async fn of(backends: &Backends) -> Self {
        let (metadata, objects, jobs) = tokio::join!(
            problem("the metadata store", backends.metadata.check()),
            problem("the object store", backends.objects.check()),
            problem("the job queue", backends.jobs.check()),
        );
        Self { metadata, objects, jobs }
    }
}

async fn problem<E: Display>(backend: &str, check: impl Future<Output = Result<(), E>>) -> Option<String> {
    let problem = match tokio::time::timeout(PATIENCE, check).await {
        Ok(Ok(())) => return None,
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("{backend} has not answered for {} s", PATIENCE.as_secs()),
    };
    log::warn!("not ready: {problem}");
    Some(problem)
}
