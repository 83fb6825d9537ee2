//! The behaviours of migrations: each runs once, whichever process runs it.

use super::*;

/// Every start runs the migrations, and only the first one finds something to do.
pub async fn a_second_migration_finds_nothing_to_do(url: DatabaseUrl) {
    let store = open(&url);
    assert!(!store.migrate().await.expect("migrates").is_empty());
    assert!(store.migrate().await.expect("migrates again").is_empty());
    assert!(open(&url).migrate().await.expect("migrates from another store").is_empty());
}

/// Replicas that start at the same time all have a usable schema afterwards.
pub async fn eight_stores_that_migrate_at_once_all_succeed(url: DatabaseUrl) {
    let stores: Vec<_> = (0..8).map(|_| open(&url)).collect();
    let outcomes = at_once(8, |number| {
        let store = stores[number].clone();
        async move {
            let done = store.migrate().await?;
            store.create_user(&username(&format!("user-{number}")), "hash", None).await?;
            Ok::<_, crate::metadata::MetadataError>(done)
        }
    });
    let done: Vec<_> = outcomes.await.into_iter().map(|outcome| outcome.expect("migrates")).collect();
    assert_eq!(done.iter().filter(|done| !done.is_empty()).count(), 1, "{done:?}");
    stores[0].check().await.expect("answers");
}

/// A migration does not disturb another replica that is working.
pub async fn a_store_in_use_can_be_migrated_again(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let working = async {
        for _ in 0..20 {
            accepted(&store, ada).await;
        }
    };
    let other = open(&url);
    let migrating = async {
        for _ in 0..5 {
            assert!(other.migrate().await.expect("migrates").is_empty());
        }
    };
    tokio::join!(working, migrating);
    assert_eq!(listed(&other, ada).await.0, 20);
}
