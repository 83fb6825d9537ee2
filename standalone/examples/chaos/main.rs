//! The chaos test (`make chaos`). It injects real faults under a steady load of uploads, and then checks every 201.
//!
//! Use: `chaos SECONDS`, after `scripts/services.sh start`; `scripts/chaos.sh` does both. The exit status is 1 if an
//! image was lost, stuck, duplicated, orphaned, or failed although its file is valid, if a stream of events lost one,
//! doubled one or changed their order, or if the deliveries of a webhook lost one or changed their order.

mod events;
#[path = "../../tests/end_to_end/faketime.rs"]
mod faketime;
mod fault;
mod ledger;
mod load;
mod picture;
mod process;
mod proxy;
mod receiver;
mod report;
mod retries;
mod rows;
mod stage;
mod streams;
mod verify;

use std::time::Duration;

use anyhow::{Context, ensure};

use crate::ledger::Ledger;
use crate::receiver::Receivers;
use crate::stage::Stage;
use crate::streams::Streams;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let seconds: u64 =
        std::env::args().nth(1).and_then(|text| text.parse().ok()).context("Use: chaos SECONDS")?;
    let stage = Stage::set().await?;
    let ledger = Ledger::default();
    let pictures = picture::all()?;
    let streams = Streams::open(&stage).await?;
    let receivers = Receivers::open(&stage).await?;
    println!("Breaking things for {seconds} s ...");
    load::run(&stage, &ledger, &pictures, Duration::from_secs(seconds)).await?;
    let mut findings = verify::verify(&stage, &ledger, &pictures).await?;
    println!("Looking at every event ...");
    findings.streams = streams.verify(&stage, &ledger).await?;
    findings.webhooks = receivers.verify(&stage).await?;
    findings.events = events::check(&events::all(&stage).await?, &rows::all(&stage).await?);
    report::print(&ledger, &findings);
    ensure!(findings.are_clean(), "promises were broken; see the tables");
    Ok(())
}
