//! The behaviours of deleted users.

use super::*;
use crate::metadata::MetadataError;

/// A deleted user has no tokens, and the images become tombstones, some at a time. The row goes when nothing of the user
/// is left, and only then the name can be given again.
pub async fn a_deleted_user_goes_with_everything(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (user(&store, "ada").await, user(&store, "bob").await);
    let row = existing(&store, "ada").await;
    tokens::create(&store, &row, "hash", 20).await.expect("makes a token");
    let images = [accepted(&store, ada).await, ready(&store, ada).await, ready(&store, ada).await];
    let kept = accepted(&store, bob).await;
    assert!(store.delete_user(&row, None).await.expect("deletes"));
    assert!(!store.delete_user(&row, None).await.expect("answers"), "once");
    assert_eq!(store.holder_of_token("hash", LONG).await.expect("looks up"), None);
    assert!(!existing(&store, "ada").await.active);
    for change in [store.set_active(&row, true).await, store.change_password(&row, "h", None, None).await] {
        assert!(!change.expect("answers"), "a deleted user stays as they are");
    }
    assert_eq!(store.bury_images_of_deleted_users(2).await.expect("buries"), 2);
    assert_eq!(store.bury_images_of_deleted_users(2).await.expect("buries"), 1);
    assert_eq!(store.bury_images_of_deleted_users(2).await.expect("buries"), 0);
    let mut buried = ids(&store.to_purge(10).await.expect("lists"));
    buried.sort_unstable();
    assert_eq!(buried, ids(&images));
    assert_eq!(listed(&store, bob).await, (1, vec![kept.id]));
    for image in &images {
        assert_eq!(store.remove_deleted_users(Duration::ZERO, 10).await.expect("removes"), 0);
        store.remove_row(image.id).await.expect("removes");
    }
    let taken = store.create_user(&username("ada"), "hash", None).await;
    assert!(matches!(taken, Err(MetadataError::Taken(_))), "{taken:?}");
    assert_eq!(store.remove_deleted_users(LONG, 10).await.expect("removes"), 0, "an upload may be running");
    tick(&store).await;
    assert_eq!(store.remove_deleted_users(Duration::ZERO, 10).await.expect("removes"), 1);
    assert!(user(&store, "ada").await > bob, "another user, with another id");
}

/// A deleted user stays while an upload of theirs has not ended.
pub async fn a_deleted_user_stays_while_an_upload_runs(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = received(&store, ada).await;
    assert!(store.delete_user(&existing(&store, "ada").await, None).await.expect("deletes"));
    tick(&store).await;
    assert_eq!(store.remove_deleted_users(Duration::ZERO, 10).await.expect("removes"), 0);
    assert_eq!(store.abandon(Duration::ZERO).await.expect("abandons"), 1);
    assert_eq!(store.remove_deleted_users(Duration::ZERO, 10).await.expect("removes"), 0);
    store.remove_row(image.id).await.expect("removes");
    assert_eq!(store.remove_deleted_users(Duration::ZERO, 10).await.expect("removes"), 1);
}
