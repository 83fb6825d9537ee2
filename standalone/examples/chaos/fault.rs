//! The faults that are injected.

use std::time::{Duration, Instant};

use anyhow::Context;
use rand::RngExt;
use rand::seq::SliceRandom;
use reqwest::Method;
use serde_json::{Value, json};

use crate::ledger::{Injection, Ledger};
use crate::proxy::Mode;
use crate::stage::Stage;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    WorkerKilled,
    RendererKilled,
    ApiKilled,
    WorkerHeld,
    ApiHeld,
    WorkerRestarted,
    ApiRestarted,
    WorkerClockJumps,
    ApiClockJumps,
    DiskFull,
    BrokerRestarted,
    BrokerConnectionsClosed,
    QueuesDeleted,
    BrokerWiped,
    BrokerSilent,
    BrokerUnreachable,
    BrokerShortOfMemory,
    BrokerShortOfDisk,
    DatabaseRestarted,
    DatabaseConnectionsTerminated,
    DatabaseSilent,
    DatabaseUnreachable,
    StoreRestarted,
    StoreAnswers500,
    StoreAnswers503,
    StoreSlow,
    StoreCutOff,
    StoreSilent,
    StoreUnreachable,
}

impl Fault {
    /// The faults of processes. Only one of these is injected at a time, together with at most one of the other faults.
    pub(crate) const OF_PROCESSES: [Self; 10] = [
        Self::WorkerKilled,
        Self::RendererKilled,
        Self::ApiKilled,
        Self::WorkerHeld,
        Self::ApiHeld,
        Self::WorkerRestarted,
        Self::ApiRestarted,
        Self::WorkerClockJumps,
        Self::ApiClockJumps,
        Self::DiskFull,
    ];
    pub(crate) const OF_BACKENDS: [Self; 19] = [
        Self::BrokerRestarted,
        Self::BrokerConnectionsClosed,
        Self::QueuesDeleted,
        Self::BrokerWiped,
        Self::BrokerSilent,
        Self::BrokerUnreachable,
        Self::BrokerShortOfMemory,
        Self::BrokerShortOfDisk,
        Self::DatabaseRestarted,
        Self::DatabaseConnectionsTerminated,
        Self::DatabaseSilent,
        Self::DatabaseUnreachable,
        Self::StoreRestarted,
        Self::StoreAnswers500,
        Self::StoreAnswers503,
        Self::StoreSlow,
        Self::StoreCutOff,
        Self::StoreSilent,
        Self::StoreUnreachable,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::WorkerKilled => "worker: SIGKILL",
            Self::RendererKilled => "renderer: SIGKILL",
            Self::ApiKilled => "api: SIGKILL",
            Self::WorkerHeld => "worker: SIGSTOP, SIGCONT",
            Self::ApiHeld => "api: SIGSTOP, SIGCONT",
            Self::WorkerRestarted => "worker: SIGTERM, started again",
            Self::ApiRestarted => "api: SIGTERM, started again",
            Self::WorkerClockJumps => "worker: clock an hour off",
            Self::ApiClockJumps => "api: clock an hour off",
            Self::DiskFull => "api: disk full",
            Self::BrokerRestarted => "RabbitMQ: restarted",
            Self::BrokerConnectionsClosed => "RabbitMQ: connections closed",
            Self::QueuesDeleted => "RabbitMQ: all queues deleted",
            Self::BrokerWiped => "RabbitMQ: wiped",
            Self::BrokerSilent => "RabbitMQ: network silent",
            Self::BrokerUnreachable => "RabbitMQ: connections refused",
            Self::BrokerShortOfMemory => "RabbitMQ: memory alarm",
            Self::BrokerShortOfDisk => "RabbitMQ: disk alarm",
            Self::DatabaseRestarted => "Postgres: restarted",
            Self::DatabaseConnectionsTerminated => "Postgres: connections terminated",
            Self::DatabaseSilent => "Postgres: network silent",
            Self::DatabaseUnreachable => "Postgres: connections refused",
            Self::StoreRestarted => "S3: killed, started again",
            Self::StoreAnswers500 => "S3: answers 500",
            Self::StoreAnswers503 => "S3: answers 503",
            Self::StoreSlow => "S3: slow",
            Self::StoreCutOff => "S3: cut off in mid-body",
            Self::StoreSilent => "S3: network silent",
            Self::StoreUnreachable => "S3: connections refused",
        }
    }

    async fn inject(self, stage: &Stage) -> anyhow::Result<()> {
        let (number, [moment, pause, outage]) = {
            let mut random = rand::rng();
            let mut milliseconds = |from, to| Duration::from_millis(random.random_range(from..to));
            // The longest of these is longer than a lease.
            let times = [milliseconds(0, 500), milliseconds(200, 5000), milliseconds(300, 4000)];
            (random.random_range(0..2), times)
        };
        let (api, worker) = (&stage.apis[number], &stage.workers[number]);
        match self {
            Self::WorkerKilled => worker.kill_and_start(moment).await,
            Self::RendererKilled => worker.kill_child().await.map(drop),
            Self::ApiKilled => api.kill_and_start(moment).await,
            Self::WorkerHeld => worker.hold(pause).await,
            Self::ApiHeld => api.hold(pause).await,
            Self::WorkerRestarted => worker.restart().await,
            Self::ApiRestarted => api.restart().await,
            Self::WorkerClockJumps => worker.clock_jumps(outage).await,
            Self::ApiClockJumps => api.clock_jumps(outage).await,
            Self::DiskFull => stage.fill_folder(number, outage).await,
            Self::BrokerRestarted => restart(stage, "rabbitmq", outage).await,
            Self::BrokerConnectionsClosed => close_connections(stage).await,
            Self::QueuesDeleted => delete_queues(stage).await,
            Self::BrokerWiped => wipe(stage).await,
            Self::BrokerShortOfMemory => {
                alarm(stage, "set_vm_memory_high_watermark", ["0", "0.2"], outage).await
            }
            Self::BrokerShortOfDisk => {
                alarm(stage, "set_disk_free_limit", ["1000000GB", "50MB"], outage).await
            }
            Self::DatabaseRestarted => restart(stage, "postgres", outage).await,
            Self::DatabaseConnectionsTerminated => terminate_connections(stage).await,
            Self::StoreRestarted => restart(stage, "s3", outage).await,
            Self::BrokerSilent => disturbed(stage.broker.disturb(Mode::Silent, outage)).await,
            Self::BrokerUnreachable => disturbed(stage.broker.disturb(Mode::Closed, outage)).await,
            Self::DatabaseSilent => disturbed(stage.database.disturb(Mode::Silent, outage)).await,
            Self::DatabaseUnreachable => disturbed(stage.database.disturb(Mode::Closed, outage)).await,
            Self::StoreAnswers500 => disturbed(stage.objects.disturb(Mode::Status(500), outage)).await,
            Self::StoreAnswers503 => disturbed(stage.objects.disturb(Mode::Status(503), outage)).await,
            Self::StoreSlow => disturbed(stage.objects.disturb(Mode::Slow(moment), outage)).await,
            Self::StoreCutOff => {
                let after = rand::rng().random_range(100..30_000);
                disturbed(stage.objects.disturb(Mode::CutOff(after), outage)).await
            }
            Self::StoreSilent => disturbed(stage.objects.disturb(Mode::Silent, outage)).await,
            Self::StoreUnreachable => disturbed(stage.objects.disturb(Mode::Closed, outage)).await,
        }
    }
}

/// Injects `faults`, each as often as the others, until `end`.
pub(crate) async fn inject_all(
    stage: &Stage,
    ledger: &Ledger,
    faults: &[Fault],
    end: Instant,
) -> anyhow::Result<()> {
    let mut deck: Vec<Fault> = Vec::new();
    while Instant::now() < end {
        let fault = match deck.pop() {
            Some(fault) => fault,
            None => {
                deck.extend(faults);
                deck.shuffle(&mut rand::rng());
                continue;
            }
        };
        if fault == Fault::DiskFull && !stage.folders_can_be_filled() {
            continue;
        }
        let began = Instant::now();
        fault.inject(stage).await.with_context(|| fault.name())?;
        ledger.note_injection(Injection { fault, began, ended: Instant::now() });
        let pause = rand::rng().random_range(100..1500);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    Ok(())
}

async fn disturbed(disturbance: impl Future<Output = ()>) -> anyhow::Result<()> {
    disturbance.await;
    Ok(())
}

async fn restart(stage: &Stage, service: &str, outage: Duration) -> anyhow::Result<()> {
    stage.services(&["stop", service]).await?;
    tokio::time::sleep(outage).await;
    stage.services(&["start", service]).await
}

/// Sets a limit of the broker to a value that raises an alarm, and then back.
/// <https://www.rabbitmq.com/docs/alarms>
async fn alarm(stage: &Stage, limit: &str, values: [&str; 2], outage: Duration) -> anyhow::Result<()> {
    stage.services(&["rabbitmqctl", limit, values[0]]).await?;
    tokio::time::sleep(outage).await;
    stage.services(&["rabbitmqctl", limit, values[1]]).await
}

async fn close_connections(stage: &Stage) -> anyhow::Result<()> {
    let connections = stage.manage(Method::GET, "connections", &Value::Null).await?;
    let names =
        connections.as_array().into_iter().flatten().filter_map(|connection| connection["name"].as_str());
    for name in names {
        let name = name.replace(' ', "%20").replace('>', "%3E");
        stage.manage(Method::DELETE, &format!("connections/{name}"), &Value::Null).await?;
    }
    Ok(())
}

async fn delete_queues(stage: &Stage) -> anyhow::Result<()> {
    let queues = stage.manage(Method::GET, "queues/%2F", &Value::Null).await?;
    // The broker lets nobody delete a queue that belongs to one connection. It goes when that is closed.
    let queues = queues.as_array().into_iter().flatten().filter(|queue| queue["exclusive"] != true);
    for queue in queues.filter_map(|queue| queue["name"].as_str()) {
        stage.manage(Method::DELETE, &format!("queues/%2F/{queue}"), &Value::Null).await?;
    }
    Ok(())
}

/// Removes the vhost with everything in it, and makes it again empty.
async fn wipe(stage: &Stage) -> anyhow::Result<()> {
    stage.manage(Method::DELETE, "vhosts/%2F", &Value::Null).await?;
    stage.manage(Method::PUT, "vhosts/%2F", &json!({})).await?;
    let all = json!({ "configure": ".*", "write": ".*", "read": ".*" });
    stage.manage(Method::PUT, &format!("permissions/%2F/{}", stage.user()), &all).await?;
    Ok(())
}

async fn terminate_connections(stage: &Stage) -> anyhow::Result<()> {
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    stage.connect().await?.batch_execute(others).await?;
    Ok(())
}
