//! Peak memory of the api under many uploads at a time.

use tokio::task::JoinSet;

use crate::client::Client;
use crate::cpu;
use crate::photos::Photos;
use crate::process::Program;
use crate::report::Report;

const PARALLEL: usize = 32;

pub(crate) async fn measure(
    report: &mut Report,
    client: &Client,
    photos: &Photos,
    api: &Program,
) -> anyhow::Result<()> {
    client.wait_until_ready().await?;
    let idle = cpu::peak_mib(api.pid())?;
    let mut uploads = JoinSet::new();
    for _ in 0..PARALLEL {
        let (client, file) = (client.clone(), photos.padded.clone());
        uploads.spawn(async move { client.upload(&file).await });
    }
    // On a busy machine the S3 server may take longer than the api waits for it, and that is a 503.
    let mut refused = 0;
    while let Some(upload) = uploads.join_next().await {
        refused += u32::from(upload?.is_err());
    }
    let peak = cpu::peak_mib(api.pid())?;
    let what = format!("peak memory, {PARALLEL} uploads of 10 MB at a time ({refused} refused)");
    report.below(&what, peak, 64.0, "MiB");
    report.note("memory of the api before its first upload", &format!("{idle:.1} MiB"));
    Ok(())
}
