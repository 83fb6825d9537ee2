//! Measures the peak memory of the api under many uploads at a time.

use tokio::task::JoinSet;

use crate::client::Client;
use crate::kernel::{peak_mib, resident_mib};
use crate::photos::Photos;
use crate::process::Program;
use crate::report::{Bound, Report, Target, Unit};

const PARALLEL: u32 = 32;
const TARGET_MIB: f64 = 64.0;

pub(crate) async fn measure(
    report: &mut Report,
    client: &Client,
    photos: &Photos,
    api: &Program,
) -> anyhow::Result<()> {
    client.wait_until_ready().await?;
    let idle = resident_mib(api.pid())?;
    let mut uploads = JoinSet::new();
    for _ in 0..PARALLEL {
        let (client, file) = (client.clone(), photos.padded.clone());
        uploads.spawn(async move { client.upload(&file).await });
    }
    // On a busy machine the S3 server may take longer than the api waits for it, which causes a 503.
    let mut refused = 0;
    while let Some(upload) = uploads.join_next().await {
        refused += u32::from(upload?.is_err());
    }
    let in_flight = f64::from(PARALLEL) * photos.padded.len() as f64 / f64::from(1 << 20);
    report.target(Target {
        what: format!("peak memory of the api, {PARALLEL} uploads of 10 MB at a time ({refused} refused)"),
        value: peak_mib(api.pid())?,
        unit: Unit::MiB,
        bound: Bound::Times { reference: in_flight, what: "bytes in flight", most: TARGET_MIB / in_flight },
    });
    report.note("memory of the api before its first upload", &format!("{idle:.1} MiB"));
    Ok(())
}
