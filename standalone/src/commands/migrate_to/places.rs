//! The checks of source and target that come before anything is copied.

use std::path::Path;

use anyhow::{Context, ensure};
use resizinator_shared::metadata::MetadataStore;
use resizinator_shared::objects::ObjectStore;
use resizinator_shared::settings::{DatabaseUrl, S3Location, Settings, StorageUrl};

use super::target::Target;

/// Refuses a target that is the source.
pub(super) fn differ(source: &Settings, target: &Target) -> anyhow::Result<()> {
    let Target { settings, moves_rows, moves_objects } = target;
    ensure!(
        !moves_rows || !is_one_database(&source.database, &settings.database),
        "TO_DATABASE_URL names the same database as DATABASE_URL: another one is expected"
    );
    ensure!(
        !moves_objects || !is_one_store(&source.storage, &settings.storage),
        "TO_STORAGE_URL names the same place as STORAGE_URL: another one is expected"
    );
    Ok(())
}

/// Refuses a source that is not there, since the backends would make an empty one.
pub(super) fn source_exists(settings: &Settings) -> anyhow::Result<()> {
    if let DatabaseUrl::Sqlite(file) = &settings.database {
        ensure!(
            file.is_file(),
            "DATABASE_URL: there is no file {}: the database of the service that is to be copied is expected",
            file.display()
        );
    }
    if let StorageUrl::Folder(folder) = &settings.storage {
        ensure!(
            folder.is_dir(),
            "STORAGE_URL: there is no folder {}: the objects of the service that is to be copied are expected",
            folder.display()
        );
    }
    Ok(())
}

/// Checks that PostgreSQL answers. A SQLite file is looked at when it is taken.
pub(super) async fn database_answers(
    metadata: &MetadataStore,
    url: &DatabaseUrl,
    variable: &str,
) -> anyhow::Result<()> {
    if let DatabaseUrl::Sqlite(_) = url {
        return Ok(());
    }
    metadata.check().await.with_context(|| {
        format!("{variable}: a database that answers, and that takes this user and password, is expected")
    })
}

pub(super) async fn store_answers(objects: &dyn ObjectStore, variable: &str) -> anyhow::Result<()> {
    objects.check().await.with_context(|| {
        format!("{variable}: an object store that answers, with a bucket that is there and that takes these keys, is expected")
    })
}

fn is_one_database(one: &DatabaseUrl, other: &DatabaseUrl) -> bool {
    match (one, other) {
        (DatabaseUrl::Sqlite(one), DatabaseUrl::Sqlite(other)) => is_one_path(one, other),
        (DatabaseUrl::Postgres(one), DatabaseUrl::Postgres(other)) => {
            without_user(one) == without_user(other)
        }
        _ => false,
    }
}

fn is_one_store(one: &StorageUrl, other: &StorageUrl) -> bool {
    match (one, other) {
        (StorageUrl::Folder(one), StorageUrl::Folder(other)) => is_one_path(one, other),
        (StorageUrl::S3(one), StorageUrl::S3(other)) => {
            let place = |location: &S3Location| {
                (location.endpoint.clone(), location.bucket.clone(), location.prefix.clone())
            };
            place(one) == place(other)
        }
        _ => false,
    }
}

fn is_one_path(one: &Path, other: &Path) -> bool {
    one == other
        || one.canonicalize().ok().zip(other.canonicalize().ok()).is_some_and(|(one, other)| one == other)
}

/// Host and database of a URL.
fn without_user(url: &str) -> &str {
    let url = url.split_once('?').map_or(url, |(url, _)| url);
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    url.rsplit_once('@').map_or(url, |(_, place)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_database_is_known_by_another_user_and_other_parameters() {
        let url = |text: &str| DatabaseUrl::Postgres(text.into());
        let one = url("postgres://me:pw@host:5432/db?sslmode=require");
        assert!(is_one_database(&one, &url("postgresql://you:p%40w@host:5432/db")));
        assert!(!is_one_database(&one, &url("postgres://me:pw@host:5432/other")));
        assert!(!is_one_database(&one, &DatabaseUrl::Sqlite("db".into())));
    }
}
