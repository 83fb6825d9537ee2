//! The benchmark (`make bench`). It measures the whole service with each of its stores, and the cost of an upload, a
//! read, the queue and upkeep. It prints tables in Markdown. It never fails because of a measured time, and always if
//! something could not be measured.
//!
//! CPU times are those of whole processes. Every target is a ratio to something that is measured in the same run.

mod arguments;
mod client;
mod database;
mod kernel;
mod load;
mod memory;
mod parts;
mod photos;
mod process;
mod queue;
mod reads;
mod reference;
mod report;
mod service;
mod services;
mod statistics;
mod upkeep;
mod uploads;

use clap::Parser;

use crate::arguments::{Arguments, Effort};
use crate::database::Database;
use crate::photos::Photos;
use crate::process::Program;
use crate::report::{Report, heading};
use crate::service::{Running, Setup, StoreKind, idle_latency};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // An idle S3 server would share the cores with the folder store's run.
    services::services("stop", "s3")?;
    let heading = heading(arguments.size).await?;
    let photos = Photos::from_sample(&arguments.sample)?;
    let mut report = Report::default();
    let outcome = measure(&mut report, &photos, &arguments.size.effort()).await;
    // The results from before a failure are useful too.
    println!("{heading}\n{report}");
    outcome
}

async fn measure(report: &mut Report, photos: &Photos, effort: &Effort) -> anyhow::Result<()> {
    Setup::prepare_database().await?;
    let setup = Setup::new(StoreKind::Folder).await?;
    let running = Running::start(&setup, photos).await?;
    service::measure(report, &running, photos, effort).await?;
    idle_latency(report, &running, photos, effort).await?;
    let Running { client, database, worker, api, .. } = running;
    worker.end()?;
    uploads::measure(report, &setup, &client, &api, photos, effort).await?;
    render_the_rest(&setup, &database).await?;
    drop(api);
    // Otherwise the writes of the next run would wait for gigabytes of photographs.
    std::fs::remove_dir_all(setup.objects_folder()?)?;

    services::services("start", "s3")?;
    let setup = Setup::new(StoreKind::S3).await?;
    let running = Running::start(&setup, photos).await?;
    service::measure(report, &running, photos, effort).await?;
    idle_latency(report, &running, photos, effort).await?;
    queue::pick_up(report, &running, photos, effort).await?;
    let Running { client, database, worker, api, .. } = running;
    worker.end()?;
    uploads::measure(report, &setup, &client, &api, photos, effort).await?;
    reads::measure(report, &client, &api).await?;
    drop(api);

    // The api is new and the client already has a token, so that neither earlier peaks nor hashing a password count.
    let api = Program::start("resizinator-api", &setup)?;
    memory::measure(report, &client, photos, &api).await?;
    render_the_rest(&setup, &database).await?;
    queue::publishing(report, &setup, effort).await?;
    queue::recovery(report, &setup, &database, effort).await?;
    drop(api);
    upkeep::measure(report, &database, effort).await
}

/// Renders the images that were uploaded while no worker ran, so that their jobs do not count for the next measurement.
async fn render_the_rest(setup: &Setup, database: &Database) -> anyhow::Result<()> {
    let worker = Program::start("resizinator-worker", setup)?;
    database.wait_until_finished(0).await?;
    worker.end()
}
