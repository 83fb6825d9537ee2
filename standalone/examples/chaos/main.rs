//! The chaos test (`make chaos`). It injects real faults under a steady load of uploads, and then checks every 201.
//!
//! Use: `chaos SECONDS`, after `scripts/services.sh start`; `scripts/chaos.sh` does both. The exit status is 1 if an
//! image was lost, stuck, duplicated, orphaned, or failed although its file is valid.

#[path = "../../tests/end_to_end/faketime.rs"]
mod faketime;
mod fault;
mod ledger;
mod load;
mod picture;
mod process;
mod proxy;
mod report;
mod retries;
mod rows;
mod stage;
mod verify;

use std::time::Duration;

use anyhow::{Context, ensure};

use crate::ledger::Ledger;
use crate::stage::Stage;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let seconds: u64 =
        std::env::args().nth(1).and_then(|text| text.parse().ok()).context("Use: chaos SECONDS")?;
    let stage = Stage::set().await?;
    let ledger = Ledger::default();
    let pictures = picture::all()?;
    println!("Breaking things for {seconds} s ...");
    load::run(&stage, &ledger, &pictures, Duration::from_secs(seconds)).await?;
    let findings = verify::verify(&stage, &ledger, &pictures).await?;
    report::print(&ledger, &findings);
    ensure!(findings.are_clean(), "promises were broken; see the table");
    Ok(())
}
