//! `make bench`: what an upload and a read cost the api, on real backends, against what cannot be
//! avoided. Prints ratios and targets; never fails because of a time.
//!
//! CPU times are those of a whole process. What is compared runs alternately in the same run, and
//! each figure is a median.

mod client;
mod cpu;
mod database;
mod end_to_end;
mod median;
mod memory;
mod photos;
mod process;
mod queue;
mod reads;
mod report;
mod upkeep;
mod uploads;

use anyhow::{Context, bail};
use resizinator_shared::objects::{S3Store, SigningWindow};
use resizinator_shared::settings::{Settings, StorageUrl};

use crate::client::Client;
use crate::database::Database;
use crate::photos::Photos;
use crate::process::Program;
use crate::report::Report;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let sample = std::env::args().nth(1).context("Use: bench SAMPLE.jpg")?;
    let settings = Settings::from_env()?;
    let StorageUrl::S3(location) = &settings.storage else { bail!("STORAGE_URL has to be an S3 server's") };
    let store = S3Store::new(location.as_ref().clone(), SigningWindow::new(settings.limits.url_lifetime))?;
    let photos = Photos::from_sample(&sample)?;
    let mut report = Report::default();

    let api = Program::start("resizinator-api", &settings)?;
    let client = Client::connect(&settings.listen).await?;
    // First, so that the reads find images that have their variants.
    let worker = Program::start("resizinator-worker", &settings)?;
    end_to_end::measure(&mut report, &client, &photos, &api, &worker).await?;
    let database = Database::connect(&settings).await?;
    queue::pick_up(&mut report, &client, &photos, &database).await?;
    drop(worker);
    uploads::measure(&mut report, &client, &photos, &api, &store).await?;
    reads::measure(&mut report, &client, &api).await?;
    drop(api);

    // Fresh, and with the token at hand: neither earlier peaks nor a password's hash count.
    let api = Program::start("resizinator-api", &settings)?;
    memory::measure(&mut report, &client, &photos, &api).await?;

    queue::publishing(&mut report, &settings).await?;
    queue::recovery(&mut report, &settings, &database).await?;
    drop(api);
    upkeep::measure(&mut report, &database).await?;
    report.print();
    Ok(())
}
