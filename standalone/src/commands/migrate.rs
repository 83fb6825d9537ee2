use resizinator_shared::metadata::{MetadataError, MetadataStore};
use resizinator_shared::settings::Settings;

use super::patience::patiently;

/// Runs the migrations. A database that is still starting is waited for, up to a minute.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<()> {
    let store = MetadataStore::open(&settings.database)?;
    let is_away = |error: &MetadataError| matches!(error, MetadataError::Unavailable(_));
    let done = patiently(is_away, async || store.migrate().await).await?;
    match done.as_slice() {
        [] => println!("Nothing to do: every migration has run."),
        done => done.iter().for_each(|name| println!("Ran {name}.")),
    }
    Ok(())
}
