//! The behaviours at defects: a mistake of the service is not taken for an outage, and its error names the statement
//! that failed.

use super::*;
use crate::metadata::MetadataError;

/// A column that this version needs was dropped. Connections that have used it and new ones report it.
pub async fn a_missing_column_is_a_defect_that_names_its_statement(url: DatabaseUrl) {
    let store = migrated(&url).await;
    user(&store, "ada").await;
    find_user(&store, "ada").await.expect("is there");
    run_sql(&url, "ALTER TABLE users DROP COLUMN password_hash").await;
    for store in [store, open(&url)] {
        assert_defect(store.find_user(&username("ada")).await, "find_user", "password_hash");
        assert_defect(
            store.create_user(&username("eve"), "hash", None).await,
            "create_user",
            "password_hash",
        );
    }
}

/// A statement that the constraints of the tables forbid is a defect, and so is an update whose plan is kept.
pub async fn a_violated_check_is_a_defect(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = accepted(&store, ada).await;
    forbid_ready(&url).await;
    let image = claimed(&store, &image, LONG).await;
    assert_defect(store.finish_ready(&image, SIZES, LONG).await, "finish_ready", "never_ready");
}

/// A row that names a user who does not exist is a defect.
pub async fn a_violated_reference_is_a_defect(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let object_id = ObjectId::random();
    let new = NewImage {
        user_id: id(7),
        object_id: &object_id,
        file_name: "a.png",
        format: Format::Png,
        bytes: 1,
        sha256: "",
        header: StoredHeader { width: 400, height: 300, frames: 1 },
        trace: &Trace::default(),
        held: false,
    };
    assert_defect(store.receive(&new).await, "receive", "");
}

/// A row with a format that only a later version knows is a defect.
pub async fn a_format_of_another_version_is_a_defect(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = accepted(&store, ada).await;
    run_sql(&url, "UPDATE images SET format = 'holograph'").await;
    assert_defect(store.image(ada, image.id).await, "image", "holograph");
    assert_defect(store.claim(image.id, ada, image.generation, LONG).await, "claim", "holograph");
}

/// A migration that finds a table of another program ends the start and is not tried for ever.
pub async fn a_migration_that_does_not_fit_the_database_is_a_defect(url: DatabaseUrl) {
    let store = open(&url);
    store.check().await.expect("makes the database");
    run_sql(&url, "CREATE TABLE images (id INTEGER)").await;
    assert_defect(store.migrate().await, "migrate", "already exists");
    let outcome = tokio::time::timeout(Duration::from_secs(10), store.migrate_with_back_off()).await;
    assert_defect(outcome.expect("does not wait"), "migrate", "already exists");
}

/// Every statement on a table that was dropped is a defect, and not an outage.
pub async fn a_missing_table_is_a_defect(url: DatabaseUrl) {
    let store = migrated(&url).await;
    run_sql(&url, "DROP TABLE images").await;
    assert_defect(store.expire_claims(ATTEMPTS, CODE, DETAIL).await, "expire_claims", "images");
}

fn assert_defect<T: std::fmt::Debug>(outcome: Result<T, MetadataError>, statement: &str, cause: &str) {
    let Err(error @ MetadataError::Defect { .. }) = outcome else { panic!("{statement}: {outcome:?}") };
    let text = error.to_string();
    assert!(text.contains(&format!("the statement \"{statement}\"")) && text.contains(cause), "{text}");
}
