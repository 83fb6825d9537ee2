//! What the embedded default keeps on the disk is closed to other users.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use resizinator_shared::backends::{Backends, Role};
use resizinator_shared::metadata::MetadataStore;
use resizinator_shared::settings::{DatabaseUrl, Settings};

fn mode(path: &Path) -> u32 {
    let metadata = fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    metadata.permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
}

/// Everything below a folder.
fn all_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| {
            let below = if path.is_dir() { all_below(&path) } else { Vec::new() };
            std::iter::once(path).chain(below)
        })
        .collect()
}

/// Makes the backends in a folder and uses the database, so that all its files are there.
async fn start(data: &Path) -> Backends {
    let backends = Backends::choose(&Settings::embedded_in(data.into()), Role::Standalone).expect("backends");
    backends.metadata.migrate().await.expect("migrated");
    backends.metadata.check().await.expect("a database");
    backends
}

#[tokio::test]
async fn what_a_first_start_makes_is_closed_to_other_users() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("above/data");
    let backends = start(&data).await;
    let name = "ada".parse().expect("a name");
    backends.metadata.create_user(&name, "hash", None).await.expect("a user");
    let all = all_below(folder.path());
    for end in
        ["resizinator.sqlite3", "resizinator.sqlite3-wal", "resizinator.sqlite3-shm", "secret", "above"]
    {
        assert!(all.iter().any(|path| path.ends_with(end)), "no {end} in {all:?}");
    }
    for path in all {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{} has {:o}", path.display(), mode(&path));
    }
}

#[tokio::test]
async fn files_of_an_earlier_version_are_closed_and_the_folder_keeps_its_mode() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    // While this pool is open, the files beside the database stay.
    let earlier = start(&data).await;
    let names = ["resizinator.sqlite3", "resizinator.sqlite3-wal", "resizinator.sqlite3-shm", "secret"];
    for name in names {
        set_mode(&data.join(name), 0o644);
    }
    set_mode(&data, 0o755);
    start(&data).await;
    for name in names {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&data), 0o755);
    drop(earlier);
}

#[tokio::test]
async fn the_database_keeps_what_was_in_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let name = "ada".parse().expect("a name");
    start(&data).await.metadata.create_user(&name, "hash", None).await.expect("a user");
    set_mode(&data.join("resizinator.sqlite3"), 0o644);
    assert!(start(&data).await.metadata.find_user(&name).await.expect("a query").is_some());
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    let database = DatabaseUrl::Sqlite(file.join("metadata.sqlite3"));
    let error = MetadataStore::open(&database).expect_err("a file is no folder").to_string();
    assert!(error.contains("file/metadata.sqlite3"), "{error}");
}
