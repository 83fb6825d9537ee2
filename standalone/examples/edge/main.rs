//! The edge test (`make edge`). Strangers open bad connections of every kind, a good client goes on working, and
//! afterwards the api has to be as it was before.
//!
//! Use: `edge full|short`, after `scripts/services.sh start`; `scripts/edge.sh` does both. The exit status is 1 if a
//! promise was broken. The short form has fewer connections and shorter limits, and judges only counts, since times
//! mean nothing on a machine that does other work too.

mod api;
mod attack;
mod good;
mod report;
mod round;

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::time::sleep;

use crate::api::{Api, Limits};
use crate::attack::Attack;
use crate::good::GoodClient;

/// How many times `readyz` is asked.
const PROBES: usize = 10_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let is_full = match std::env::args().nth(1).as_deref() {
        Some("full") => true,
        Some("short") => false,
        _ => bail!("Use: edge full|short"),
    };
    // Each bad connection is a socket of this process.
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    let limits = if is_full { Limits::default() } else { Limits::short() };
    let api = Api::start(&limits).await?;
    let good = GoodClient::new(&api).await?;
    let mut rounds = Vec::new();
    for attack in Attack::ALL {
        let round = round::run(attack, attack.connections(is_full), &api, &good, &limits)
            .await
            .with_context(|| attack.name().to_owned())?;
        println!("{}: done", attack.name());
        rounds.push(round);
    }
    let queries = api.queries_of(PROBES).await?;
    let later = if is_full {
        println!("Waiting a minute before the memory is measured once more ...");
        sleep(Duration::from_secs(60)).await;
        Some(api.memory()?)
    } else {
        None
    };
    let faults = report::print(&rounds, PROBES, queries, later, is_full);
    ensure!(faults == 0, "{faults} promises were broken; see the table");
    Ok(())
}
