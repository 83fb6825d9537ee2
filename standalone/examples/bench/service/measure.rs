//! Measures the service under load, with both files, in a closed loop and in open loops.

use std::thread::available_parallelism;
use std::time::SystemTime;

use anyhow::{Context, ensure};
use bytes::Bytes;

use super::backlog::Watch;
use super::latency::Latencies;
use super::stored::room_taken;
use super::{Load, Measurement, Running, Waits};
use crate::arguments::Effort;
use crate::database::Database;
use crate::kernel::{MachineTimes, written_to_device_of};
use crate::load::{Schedule, Uploads, closed_loop, open_loop};
use crate::photos::Photos;
use crate::reference::rendering_alone;
use crate::report::Report;

const CLIENTS: u32 = 4;
/// The rates of the open loops, in percent of that of the closed loop. At higher rates, queues grow without bound.
const SHARES: [u32; 2] = [50, 80];

pub(crate) async fn measure(
    report: &mut Report,
    running: &Running,
    photos: &Photos,
    effort: &Effort,
) -> anyhow::Result<()> {
    let (large, small) = effort.closed;
    for (file, bytes, count) in [(Photos::LARGE, &photos.large, large), (Photos::SMALL, &photos.small, small)]
    {
        report.calibrate(photos);
        report.rendering(file, rendering_alone(bytes, effort.rounds).await?);
        // This warms up caches, connections and renderers.
        load(running, file, bytes, Plan::Closed(2 * CLIENTS)).await?;
        let closed = load(running, file, bytes, Plan::Closed(count)).await?;
        let capacity = closed.rate;
        report.measured(closed);
        for percent in SHARES {
            let schedule = Schedule::new(capacity * f64::from(percent) / 100.0, effort.open)?;
            report.measured(load(running, file, bytes, Plan::Open(percent, schedule)).await?);
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Plan {
    /// A closed loop: each client sends its next image when the last one is accepted. The value is the count of images.
    Closed(u32),
    Open(u32, Schedule),
}

async fn load(
    running: &Running,
    file: &'static str,
    bytes: &Bytes,
    plan: Plan,
) -> anyhow::Result<Measurement> {
    let Running { client, database, parts, .. } = running;
    settle(database).await?;
    let device = written_to_device_of(&running.objects_folder)?;
    let (sizes, objects) = (database.sizes().await?, room_taken(&running.objects_folder)?);
    let watch = Watch::start(running.queue.clone(), running.slots);
    let (spending, machine) = (parts.spending()?, MachineTimes::now()?);

    let (load, uploads) = match plan {
        Plan::Closed(count) => {
            (Load::Closed { clients: CLIENTS }, closed_loop(client, bytes, CLIENTS, count).await?)
        }
        Plan::Open(percent, schedule) => (Load::Open { percent }, open_loop(client, bytes, schedule).await?),
    };
    let images: Vec<_> = uploads.sent.iter().map(|sent| sent.image).collect();
    let first = *images.iter().min().with_context(|| every_refusal(&uploads))?;
    database.wait_until_finished(first).await?;

    let (spent, machine_after) = (parts.spending()?.since(&spending), MachineTimes::now()?);
    let idle = watch.stop().await?;
    settle(database).await?;
    let written = parts.spending()?.since(&spending);
    let device_after = written_to_device_of(&running.objects_folder)?;
    let (sizes_after, objects_after) = (database.sizes().await?, room_taken(&running.objects_folder)?);

    let closed = matches!(plan, Plan::Closed(_));
    ensure!(!closed || uploads.refused == 0, "{}", every_refusal(&uploads));
    let times = database.times(&images).await?;
    let latencies = Latencies::of(&uploads, &times)?;
    let ready = times.iter().map(|times| times.ready).max();
    let count = f64::from(u32::try_from(images.len())?);
    Ok(Measurement {
        store: running.store,
        file,
        load,
        images: u32::try_from(images.len())?,
        refused: uploads.refused,
        offered: match plan {
            Plan::Closed(_) => None,
            Plan::Open(_, schedule) => Some(schedule.rate()),
        },
        accepted: count / seconds(uploads.began(), uploads.answered())?,
        rate: count / seconds(uploads.began(), ready)?,
        cores: f64::from(u32::try_from(available_parallelism()?.get())?),
        idle: idle.share(),
        answer_to_ready: Waits::of(&latencies.answer_to_ready)?,
        intended_to_ready: Waits::of(&latencies.intended_to_ready)?,
        intended_to_answer: Waits::of(&latencies.intended_to_answer)?,
        late: Waits::of(&latencies.late)?,
        cpu: spent,
        machine_ms: machine_after.since(machine).busy_ms(),
        written,
        device: device_after.zip(device).map(|(after, before)| after.saturating_sub(before)),
        objects: objects_after.saturating_sub(objects),
        rows: sizes_after.kept.saturating_sub(sizes.kept),
        log: sizes_after.log.saturating_sub(sizes.log),
    })
}

/// Makes the system write everything to disk, so that each load is charged with exactly its own writes.
async fn settle(database: &Database) -> anyhow::Result<()> {
    database.checkpoint().await?;
    Ok(tokio::task::spawn_blocking(rustix::fs::sync).await?)
}

fn every_refusal(uploads: &Uploads) -> String {
    let last = uploads.last_refusal.as_deref().unwrap_or("none");
    format!("{} uploads were refused; the last: {last}", uploads.refused)
}

fn seconds(from: Option<SystemTime>, to: Option<SystemTime>) -> anyhow::Result<f64> {
    let (from, to) = from.zip(to).context("nothing was uploaded")?;
    Ok(to.duration_since(from)?.as_secs_f64())
}
