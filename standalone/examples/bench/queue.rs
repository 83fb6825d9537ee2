//! What never losing a job costs while nothing fails, and how soon all is queued again once the broker is back.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use resizinator_shared::jobs::{JobQueue, RabbitOptions, RabbitQueue};
use resizinator_shared::settings::{QueueUrl, Settings};
use resizinator_shared::testing::jobs::job;
use tokio::time::{Instant, sleep};

use crate::client::Client;
use crate::database::Database;
use crate::median::median;
use crate::photos::Photos;
use crate::report::Report;

const PUBLISHED: i64 = 20_000;
/// As many as upkeep has in flight.
const AT_ONCE: usize = 100;
const IDLE_ROUNDS: usize = 51;
const WAITING: i64 = 10_000;
const PATIENCE: Duration = Duration::from_secs(120);

/// An api and a worker have to run.
pub(crate) async fn pick_up(
    report: &mut Report,
    client: &Client,
    photos: &Photos,
    database: &Database,
) -> anyhow::Result<()> {
    database.record_states().await?;
    let mut waits = Vec::new();
    for _ in 0..IDLE_ROUNDS {
        let id = client.upload(&photos.small).await?;
        client.wait_for_variants(id, Duration::from_millis(5)).await?;
        waits.push(database.wait_for_claim(id).await?);
    }
    database.stop_recording().await?;
    report.below("from acceptance to a worker's claim, idle system, wall clock", median(waits), 20.0, "ms");
    Ok(())
}

pub(crate) async fn publishing(report: &mut Report, settings: &Settings) -> anyhow::Result<()> {
    let queue = queue(settings, "bench")?;
    queue.check().await?;
    let began = Instant::now();
    stream::iter(1..=PUBLISHED)
        .map(|image_id| {
            let (queue, job) = (&queue, job(image_id));
            async move { queue.publish(&job).await }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<()>>()
        .await?;
    let rate = PUBLISHED as f64 / began.elapsed().as_secs_f64();
    report.at_least("jobs published, each confirmed by a quorum queue", rate, 2000.0, "a second");
    Ok(())
}

/// An api has to run, and no worker.
pub(crate) async fn recovery(
    report: &mut Report,
    settings: &Settings,
    database: &Database,
) -> anyhow::Result<()> {
    let queue = queue(settings, "images.resize")?;
    queue.check().await?;
    services("stop")?;
    database.insert_unqueued(WAITING).await?;
    services("start")?;
    let began = Instant::now();
    while queue.depth().await.map_or(0, |depth| depth.ready) < WAITING.unsigned_abs() {
        ensure!(began.elapsed() < PATIENCE, "the waiting images are not queued");
        sleep(Duration::from_millis(50)).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    report.below("10,000 waiting images queued once the broker is back, wall clock", seconds, 20.0, "s");
    Ok(())
}

fn queue(settings: &Settings, names: &str) -> anyhow::Result<RabbitQueue> {
    let QueueUrl::Amqp(url) = &settings.queue else { anyhow::bail!("QUEUE_URL has to be a RabbitMQ's") };
    let options = RabbitOptions { names: names.into(), ..RabbitOptions::default() };
    Ok(RabbitQueue::new(url, options)?)
}

fn services(command: &str) -> anyhow::Result<()> {
    let mut script = Command::new("scripts/services.sh");
    let status = script.args([command, "rabbitmq"]).stdin(Stdio::null()).stdout(Stdio::null()).status();
    ensure!(status.context("scripts/services.sh")?.success(), "scripts/services.sh {command} rabbitmq");
    Ok(())
}
