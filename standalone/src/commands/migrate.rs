use resizinator_shared::metadata::{MetadataError, MetadataStore};
use resizinator_shared::settings::Settings;

use super::patience::Patience;

/// Runs the migrations. A database that is still starting is waited for, up to a minute.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<()> {
    let store = MetadataStore::open(&settings.database)?;
    let mut patience = Patience::new();
    let done = loop {
        match store.migrate().await {
            Err(error @ MetadataError::Unavailable(_)) if patience.is_left() => {
                log::warn!("{error}; trying again soon");
                patience.pause().await;
            }
            outcome => break outcome?,
        }
    };
    match done.as_slice() {
        [] => println!("Nothing to do: every migration has run."),
        done => done.iter().for_each(|name| println!("Ran {name}.")),
    }
    Ok(())
}
