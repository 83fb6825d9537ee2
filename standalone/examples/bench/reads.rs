//! Measures reads of records and lists over a connection that is kept alive.

use crate::client::Client;
use crate::kernel::{at_rest, milliseconds};
use crate::process::Program;
use crate::report::{Bound, Report, Target, Unit};
use crate::statistics::median;

const BLOCKS: u32 = 10;
const REQUESTS_PER_BLOCK: u32 = 50;
const TARGET_MS: f64 = 1.0;

pub(crate) async fn measure(report: &mut Report, client: &Client, api: &Program) -> anyhow::Result<()> {
    let list = "/image/";
    let first = client.get(list).await?["results"][0]["id"].clone();
    let record = format!("/image/{first}/");
    let (mut records, mut lists) = (Vec::new(), Vec::new());
    for _ in 0..BLOCKS {
        records.push(block(client, api, &record).await?);
        lists.push(block(client, api, list).await?);
    }
    for (what, times) in [("one record", records), ("a list's first page, 10 images", lists)] {
        let bound = Bound::Milliseconds(TARGET_MS);
        report.target(Target { what: what.into(), value: median(times), unit: Unit::CpuMs, bound });
    }
    Ok(())
}

/// The CPU time of the api for one request, in milliseconds.
async fn block(client: &Client, api: &Program, path: &str) -> anyhow::Result<f64> {
    let before = at_rest(api.pid()).await?;
    for _ in 0..REQUESTS_PER_BLOCK {
        client.get(path).await?;
    }
    let spent = at_rest(api.pid()).await?.saturating_sub(before);
    Ok(milliseconds(spent) / f64::from(REQUESTS_PER_BLOCK))
}
