//! Measures the cost of never losing a job while nothing fails, and the time until all jobs are queued again after an
//! outage of the broker.

use std::time::Duration;

use anyhow::Context;
use futures_util::{StreamExt, TryStreamExt, stream};
use resizinator_shared::jobs::{JobQueue, RabbitOptions, RabbitQueue};
use resizinator_shared::testing::jobs::{job, trace};
use tokio::time::{Instant, timeout};

use crate::arguments::Effort;
use crate::database::Database;
use crate::kernel::milliseconds;
use crate::photos::Photos;
use crate::report::{Bound, Report, Target, Unit};
use crate::service::{Running, Setup};
use crate::services::services;
use crate::statistics::median;

/// The number of jobs that are published at once, which is the same as in upkeep.
const AT_ONCE: u16 = 100;
const PATIENCE: Duration = Duration::from_secs(120);

/// Measures the time until a job is claimed. An api and a worker have to run.
pub(crate) async fn pick_up(
    report: &mut Report,
    running: &Running,
    photos: &Photos,
    effort: &Effort,
) -> anyhow::Result<()> {
    let Running { client, database, .. } = running;
    database.record_states().await?;
    let mut waits = Vec::new();
    for _ in 0..effort.rounds {
        let id = client.upload(&photos.small).await?;
        client.wait_for_variants(id, Duration::from_millis(5)).await?;
        waits.push(database.wait_for_claim(id).await?);
    }
    database.stop_recording().await?;
    report.target(Target {
        what: "from acceptance to a worker's claim, idle system".into(),
        value: median(waits),
        unit: Unit::WallMs,
        bound: Bound::Milliseconds(20.0),
    });
    Ok(())
}

pub(crate) async fn publishing(report: &mut Report, setup: &Setup, effort: &Effort) -> anyhow::Result<()> {
    let queue = queue(setup, "bench")?;
    queue.check().await?;
    let began = Instant::now();
    stream::iter(1..=effort.published)
        .map(|image_id| {
            let (queue, job) = (&queue, job(image_id));
            async move { queue.publish(&job, &trace(image_id)).await }
        })
        .buffer_unordered(AT_ONCE.into())
        .try_collect::<Vec<()>>()
        .await?;
    report.target(Target {
        what: format!("a job published and confirmed by a quorum queue, {AT_ONCE} at a time"),
        value: milliseconds(began.elapsed()) / effort.published as f64,
        unit: Unit::WallMs,
        bound: Bound::Milliseconds(1e3 / 2000.0),
    });
    Ok(())
}

/// Measures the time until all waiting jobs were delivered after an outage of the broker. An api has to run, but no worker,
/// since this takes the jobs itself.
pub(crate) async fn recovery(
    report: &mut Report,
    setup: &Setup,
    database: &Database,
    effort: &Effort,
) -> anyhow::Result<()> {
    let queue = queue(setup, "images.resize")?;
    queue.check().await?;
    services("stop", "rabbitmq")?;
    database.insert_unqueued(effort.waiting).await?;
    services("start", "rabbitmq")?;
    let began = Instant::now();
    // Jobs come in turns, as long as somebody takes them.
    let mut consumer = queue.consume(AT_ONCE).await?;
    for _ in 0..effort.waiting {
        let delivery =
            timeout(PATIENCE, consumer.next()).await.context("the waiting images are not queued")?;
        delivery.settle.ack().await?;
    }
    consumer.close().await;
    report.target(Target {
        what: format!("{} waiting images taken from the queue once the broker is back", effort.waiting),
        value: milliseconds(began.elapsed()),
        unit: Unit::WallMs,
        bound: Bound::Milliseconds(20e3),
    });
    Ok(())
}

fn queue(setup: &Setup, names: &str) -> anyhow::Result<RabbitQueue> {
    let options = RabbitOptions { names: names.into(), ..RabbitOptions::default() };
    Ok(RabbitQueue::new(setup.queue_url()?, options)?)
}
