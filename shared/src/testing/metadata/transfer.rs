//! The behaviours of a copy of the whole database into another one.

use super::*;
use crate::metadata::TransferError;

fn another(folder: &tempfile::TempDir) -> DatabaseUrl {
    DatabaseUrl::Sqlite(folder.path().join("copy.sqlite3"))
}

/// No table and no column is left out. The catalog says which tables there are, so this covers those of later
/// migrations.
pub async fn a_copy_has_every_row_of_every_table(url: DatabaseUrl) {
    let store = migrated(&url).await;
    accepted(&store, user(&store, "ada").await).await;
    drop(store);
    for number in [2, 3] {
        catalog::fill(&url, number).await;
    }
    let mut tables = catalog::tables(&url).await;
    // The workers that are running say so at the target themselves.
    tables.retain(|table| table != "workers");
    let folder = tempfile::tempdir().expect("makes a folder");
    let (store, copy) = (open(&url), migrated(&another(&folder)).await);
    let mut source = store.hold_as_source().await.expect("is alone");
    let mut target = copy.hold_as_target().await.expect("is alone");
    assert_eq!(target.versions().await.expect("answers"), source.versions().await.expect("answers"));
    let mut written = 0;
    let copied = target.copy_from(&mut source, |rows| written += rows).await.expect("copies");
    let names: Vec<_> = copied.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(names, tables);
    assert!(copied.values().all(|table| table.rows > 0), "{copied:?}");
    assert_eq!(source.overview(|_| {}).await.expect("reads"), copied);
    assert_eq!(target.overview(|_| {}).await.expect("reads"), copied);
    assert_eq!(written as u64, 2 * target.rows().await.expect("counts"));
    let again = target.copy_from(&mut source, |_| {}).await;
    assert!(matches!(again, Err(TransferError::NotEmpty(_))), "{again:?}");
    drop((source, target));
    assert_eq!(user(&copy, "eve").await.get(), 4);
}

/// The id of an image whose row is gone is not given again by the copy.
pub async fn no_id_is_given_twice_after_a_copy(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let images = [received(&store, ada).await, received(&store, ada).await];
    drop(store);
    run_sql(&url, &format!("DELETE FROM images WHERE id = {}", images[1].id)).await;
    let folder = tempfile::tempdir().expect("makes a folder");
    let (store, copy) = (open(&url), migrated(&another(&folder)).await);
    {
        let mut source = store.hold_as_source().await.expect("is alone");
        let mut target = copy.hold_as_target().await.expect("is alone");
        target.copy_from(&mut source, |_| {}).await.expect("copies");
    }
    assert_eq!(received(&copy, ada).await.id, later(images[1].id, 1));
}

/// A database that somebody has open cannot be taken, and is free again afterwards.
pub async fn a_source_that_is_in_use_is_refused(url: DatabaseUrl) {
    let store = migrated(&url).await;
    store.check().await.expect("answers");
    let other = open(&url);
    let refused = other.hold_as_source().await.map(drop);
    assert!(matches!(refused, Err(TransferError::InUse(_))), "{refused:?}");
    drop(other);
    drop(store);
    let store = open(&url);
    until("it is free", async || store.hold_as_source().await.ok()).await;
}
