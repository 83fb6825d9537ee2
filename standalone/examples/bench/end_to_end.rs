//! From the first upload to the last variant, with one worker on the same machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::client::Client;
use crate::cpu::{self, milliseconds};
use crate::median::median;
use crate::photos::Photos;
use crate::process::Program;
use crate::report::Report;

const CLIENTS: usize = 4;
const IDLE_ROUNDS: usize = 21;
/// Between questions of a client that waits for its image.
const PAUSE: Duration = Duration::from_millis(20);

pub(crate) async fn measure(
    report: &mut Report,
    client: &Client,
    photos: &Photos,
    api: &Program,
    worker: &Program,
) -> anyhow::Result<()> {
    // The worker is ready when it has done one.
    client.wait_for_variants(client.upload(&photos.small).await?, PAUSE).await?;
    for (what, file, count) in [("12 MP, 4 MB", &photos.large, 30), ("640×480, 61 KB", &photos.small, 200)] {
        let spent = || -> anyhow::Result<Duration> {
            Ok(cpu::of_process(api.pid())? + cpu::of_process(worker.pid())?)
        };
        let (start, before) = (Instant::now(), spent()?);
        let ids = upload_all(client, file, count).await?;
        let accepted = start.elapsed();
        for id in ids {
            client.wait_for_variants(id, PAUSE).await?;
        }
        let (done, cpu) = (start.elapsed(), spent()? - before);
        let images = f64::from(u32::try_from(count)?);
        let value = format!(
            "{:.0} accepted/s, {:.1} images/s, {:.1} ms of CPU in api and worker an image, the renderers' aside",
            images / accepted.as_secs_f64(),
            images / done.as_secs_f64(),
            milliseconds(cpu) / images
        );
        report.note(&format!("{count} images of {what}, {CLIENTS} clients"), &value);
    }
    let mut waits = Vec::new();
    for _ in 0..IDLE_ROUNDS {
        let id = client.upload(&photos.small).await?;
        let accepted = Instant::now();
        client.wait_for_variants(id, Duration::from_millis(1)).await?;
        waits.push(milliseconds(accepted.elapsed()));
    }
    let value = format!("{:.0} ms (median)", median(waits));
    report.note("from 201 to both variants, 61 KB, idle system", &value);
    Ok(())
}

async fn upload_all(client: &Client, file: &Bytes, count: usize) -> anyhow::Result<Vec<i64>> {
    let taken = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (client, file, taken) = (client.clone(), file.clone(), Arc::clone(&taken));
        clients.spawn(async move {
            let mut ids = Vec::new();
            while taken.fetch_add(1, Ordering::Relaxed) < count {
                ids.push(client.upload(&file).await?);
            }
            anyhow::Ok(ids)
        });
    }
    let mut ids = Vec::with_capacity(count);
    while let Some(uploaded) = clients.join_next().await {
        ids.extend(uploaded??);
    }
    Ok(ids)
}
