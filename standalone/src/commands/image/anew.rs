use anyhow::ensure;
use resizinator_shared::failure_code::RecordedCode;
use resizinator_shared::ids::ImageId;
use resizinator_shared::image::State;
use resizinator_shared::metadata::{MetadataError, MetadataStore};

use super::progress::Progress;
use super::{Failed, Finished};

const PAGE: i64 = 500;

pub(super) async fn retry(metadata: &MetadataStore, which: Failed) -> anyhow::Result<()> {
    let retry = async |id| metadata.retry(id).await;
    if !which.all_failed {
        return named(&which.ids, "not failed", retry).await;
    }
    match which.code {
        Some(code) => of_code(metadata, &code.into()).await,
        None => all(metadata, State::Failed, retry).await,
    }
}

pub(super) async fn reprocess(metadata: &MetadataStore, which: Finished) -> anyhow::Result<()> {
    let reprocess = async |id| metadata.reprocess(id).await;
    if !which.all_ready {
        return named(&which.ids, "not finished", reprocess).await;
    }
    all(metadata, State::Ready, reprocess).await
}

/// Calls `start` for each of the images. If it refuses some of them, this fails after it has tried the others.
async fn named(
    ids: &[ImageId],
    refusal: &str,
    start: impl AsyncFn(ImageId) -> Result<bool, MetadataError>,
) -> anyhow::Result<()> {
    let mut refused = Vec::new();
    for &id in ids {
        if !start(id).await? {
            refused.push(id.to_string());
        }
    }
    println!("{} of {} images wait for a worker now.", ids.len() - refused.len(), ids.len());
    ensure!(refused.is_empty(), "there is no such image, or it is {refusal}: {}", refused.join(", "));
    Ok(())
}

/// Retries every image that has failed with this code by now. One that fails again meanwhile is not retried again.
async fn of_code(metadata: &MetadataStore, code: &RecordedCode) -> anyhow::Result<()> {
    let (begin, mut started, mut progress) = (metadata.now().await?, 0, Progress::of("images"));
    while let Some(retried) = metadata.retry_failed(code, begin, PAGE).await? {
        started += retried.len();
        progress.add(retried.len());
    }
    println!("{started} images wait for a worker now.");
    Ok(())
}

async fn all(
    metadata: &MetadataStore,
    state: State,
    start: impl AsyncFn(ImageId) -> Result<bool, MetadataError>,
) -> anyhow::Result<()> {
    let (mut after, mut started, mut progress) = (None, 0, Progress::of("images"));
    loop {
        let images = metadata.in_state(state, after, PAGE).await?;
        let Some(last) = images.last() else { break };
        after = Some(last.id);
        for image in &images {
            started += usize::from(start(image.id).await?);
        }
        progress.add(images.len());
    }
    println!("{started} images wait for a worker now.");
    Ok(())
}
