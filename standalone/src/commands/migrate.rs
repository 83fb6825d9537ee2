use resizinator_shared::metadata::MetadataStore;
use resizinator_shared::settings::Settings;

pub(crate) async fn run(settings: &Settings) -> anyhow::Result<()> {
    let done = MetadataStore::open(&settings.database)?.migrate().await?;
    match done.as_slice() {
        [] => println!("Nothing to do: every migration has run."),
        done => done.iter().for_each(|name| println!("Ran {name}.")),
    }
    Ok(())
}
