//! The command that copies everything to another database and another object store.
//!
//! The objects come first and the rows last, in one transaction. So whatever interrupts the command, the target has
//! either no rows, or all of them and every object; see docs/adr/0022.

mod hashed;
mod listing;
mod objects;
mod places;
mod progress;
mod rows;
mod target;

use anyhow::Context;
use resizinator_shared::backends::{Backends, Role};
use resizinator_shared::metadata::Overview;
use resizinator_shared::settings::{QueueUrl, Settings};

use objects::CopiedObjects;
use rows::{CopiedRows, Databases};

pub(crate) const ABOUT: &str = "\
Copies users, images and objects to the database TO_DATABASE_URL and the object store TO_STORAGE_URL

The source is what DATABASE_URL and STORAGE_URL name, so by default the embedded one in RESIZINATOR_DATA. The variables \
TO_DATABASE_URL and TO_STORAGE_URL (or TO_DATABASE_URL_FILE, a file with the URL) name the target, which has to be empty. \
If one of them is not set, that part stays where it is. AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY sign for both stores; \
TO_AWS_ACCESS_KEY_ID_FILE and TO_AWS_SECRET_ACCESS_KEY_FILE name files with other keys for the target.

Stop the service first. Whatever interrupts the command, start it again: it goes on where it was.";

pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    let target = target::from_env(&settings)?;
    places::differ(&settings, &target)?;
    places::source_exists(&settings)?;
    // The command queues nothing.
    let settings = Settings { queue: QueueUrl::InProcess, ..settings };
    let from = Backends::choose(&settings, Role::Standalone).context("the source")?;
    let to = Backends::choose(&target.settings, Role::Standalone).context("the target")?;
    places::database_answers(&from.metadata, &settings.database, "DATABASE_URL").await?;
    if target.moves_rows {
        places::database_answers(&to.metadata, &target.settings.database, "TO_DATABASE_URL").await?;
    }
    if target.moves_objects {
        places::store_answers(&*from.objects, "STORAGE_URL").await?;
        places::store_answers(&*to.objects, "TO_STORAGE_URL").await?;
    }

    let mut databases = Databases::take(&from.metadata, target.moves_rows.then_some(&*to.metadata)).await?;
    let objects = match target.moves_objects {
        true => Some(objects::copy(&*from.objects, &*to.objects, &settings.temporary_folder()).await?),
        false => None,
    };
    let rows = databases.copy().await?;
    println!("{}", summary(objects.as_ref(), rows.as_ref()));
    Ok(())
}

/// One sentence about what was done.
fn summary(objects: Option<&CopiedObjects>, rows: Option<&CopiedRows>) -> String {
    let mut parts = Vec::new();
    if let Some(CopiedObjects { all, copied, bytes }) = objects {
        parts.push(format!("{all} objects of {bytes} bytes ({copied} of them copied now)"));
    }
    if let Some(CopiedRows { overview, copied }) = rows {
        let when = if *copied { "now" } else { "before" };
        parts.push(format!("{} (copied {when})", what(overview)));
    }
    format!("Everything is in the target, and was compared: {}.", parts.join(", and "))
}

fn what(overview: &Overview) -> String {
    let rows = |table| overview.get(table).map_or(0, |digest| digest.rows);
    let all: u64 = overview.values().map(|digest| digest.rows).sum();
    format!("{all} rows with {} users and {} images", rows("users"), rows("images"))
}
