use anyhow::{Context, bail};
use clap::Subcommand;
use resizinator_shared::objects::{BucketCreation, ObjectError, S3Store, SigningWindow};
use resizinator_shared::settings::{Settings, StorageUrl};

use super::patience::patiently;

#[derive(Subcommand)]
pub(crate) enum Bucket {
    /// Creates the bucket, unless it is there already. A store that is still starting is waited for, up to a minute
    Create,
}

pub(crate) async fn run(settings: &Settings, Bucket::Create: Bucket) -> anyhow::Result<()> {
    let StorageUrl::S3(location) = &settings.storage else {
        bail!("STORAGE_URL names a folder, and only S3 has buckets: s3://BUCKET?… is expected");
    };
    let bucket = &location.bucket;
    let store = S3Store::new(location.as_ref().clone(), SigningWindow::new(settings.limits.url_lifetime))?;
    let is_away = |error: &ObjectError| matches!(error, ObjectError::Unavailable(_));
    let outcome = patiently(is_away, async || store.create_bucket().await).await;
    let outcome = outcome.with_context(|| format!("the bucket {bucket} cannot be created"))?;
    match outcome {
        BucketCreation::Created => println!("Created the bucket {bucket}."),
        BucketCreation::WasThere => println!("The bucket {bucket} is there already."),
        BucketCreation::Refused(why) => bail!("the bucket {bucket} cannot be created: {why}"),
    }
    Ok(())
}
