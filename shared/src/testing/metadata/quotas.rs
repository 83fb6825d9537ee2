//! The behaviours of quotas and of the totals that they are compared with.

use super::*;
use crate::account::{AccountEvent, OverQuota, OwnQuotas, Quota, Quotas, Totals};
use crate::metadata::Acceptance;

/// The bytes of each image that the tests receive.
const BYTES: u64 = 5_000_000_000;

/// The totals count what clients see: from the acceptance to the deletion, whatever becomes of the image meanwhile.
pub async fn the_totals_count_what_is_shown(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (user(&store, "ada").await, user(&store, "bob").await);
    accepted(&store, bob).await;
    received(&store, ada).await;
    assert_eq!(totals(&store, ada).await, Totals::default());
    let image = accepted(&store, ada).await;
    let one = Totals { images: 1, bytes: BYTES };
    assert_eq!(totals(&store, ada).await, one);
    let image = claimed(&store, &image, LONG).await;
    assert!(store.finish_ready(&image, SIZES, LONG).await.expect("finishes"));
    assert!(store.reprocess(image.id).await.expect("answers"));
    let failed = claimed(&store, &accepted(&store, ada).await, LONG).await;
    assert!(store.finish_failed(&failed, CODE, DETAIL).await.expect("finishes"));
    assert_eq!(totals(&store, ada).await, Totals { images: 2, bytes: 2 * BYTES });
    assert!(store.delete_image(ada, failed.id).await.expect("deletes"));
    assert!(!store.delete_image(ada, failed.id).await.expect("answers"));
    assert_eq!(totals(&store, ada).await, one);
    assert!(store.delete_image(ada, image.id).await.expect("deletes"));
    tick(&store).await;
    store.abandon(Duration::ZERO).await.expect("abandons");
    store.remove_row(image.id).await.expect("removes");
    assert_eq!(totals(&store, ada).await, Totals::default());
    assert_eq!(totals(&store, bob).await, one);
}

/// Of many uploads that end at the same time, exactly those that fit are accepted.
pub async fn of_uploads_at_once_those_that_fit_are_accepted(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let images = Quotas { images: Quota::at_most(7), bytes: Quota::UNLIMITED };
    let bytes = Quotas { images: Quota::UNLIMITED, bytes: Quota::at_most(20 * BYTES + 1) };
    for (quotas, fits) in [(images, 7), (bytes, 20)] {
        let mut received_images = Vec::new();
        for _ in 0..32 {
            received_images.push(received(&store, ada).await);
        }
        let before = totals(&store, ada).await.images;
        let outcomes = at_once(32, |number| {
            let (store, image) = (store.clone(), received_images[number].clone());
            async move { store.accept(&image, quotas, None).await.expect("answers") }
        });
        let (accepted, refused): (Vec<_>, Vec<_>) =
            outcomes.await.into_iter().partition(|outcome| matches!(outcome, Acceptance::Accepted(_)));
        assert_eq!(before + accepted.len() as u64, fits);
        assert!(refused.iter().all(|outcome| matches!(outcome, Acceptance::OverQuota(_))), "{refused:?}");
        assert_eq!(totals(&store, ada).await, Totals { images: fits, bytes: fits * BYTES });
    }
}

/// The answer names the quota, and what there is. A deletion makes room at once.
pub async fn an_upload_over_the_quota_is_told_why(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let quotas = Quotas { images: Quota::at_most(1), bytes: Quota::at_most(2 * BYTES) };
    let first = accepted(&store, ada).await;
    let second = received(&store, ada).await;
    let outcome = store.accept(&second, quotas, None).await.expect("answers");
    let expected = OverQuota::Images { limit: 1, used: 1 };
    assert!(matches!(&outcome, Acceptance::OverQuota(over) if *over == expected), "{outcome:?}");
    let few = Quotas { bytes: Quota::at_most(BYTES), images: Quota::at_most(2) };
    let outcome = store.accept(&second, few, None).await.expect("answers");
    let expected = OverQuota::Bytes { limit: BYTES, used: BYTES, bytes: BYTES };
    assert!(matches!(&outcome, Acceptance::OverQuota(over) if *over == expected), "{outcome:?}");
    assert!(store.delete_image(ada, first.id).await.expect("deletes"));
    let outcome = store.accept(&second, quotas, None).await.expect("answers");
    assert!(matches!(outcome, Acceptance::Accepted(_)), "{outcome:?}");
}

/// The quotas that an operator has set for a user count before those of the settings.
pub async fn a_users_own_quota_counts_first(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let quotas = Quotas { images: Quota::at_most(0), bytes: Quota::at_most(0) };
    let image = received(&store, ada).await;
    let refused = store.accept(&image, quotas, None).await.expect("answers");
    assert!(matches!(refused, Acceptance::OverQuota(_)), "{refused:?}");
    let own = OwnQuotas { images: Some(Quota::at_most(1)), bytes: Some(Quota::UNLIMITED) };
    assert!(store.set_quotas(&existing(&store, "ada").await, own).await.expect("sets"));
    let accepted = store.accept(&image, quotas, None).await.expect("answers");
    assert!(matches!(accepted, Acceptance::Accepted(_)), "{accepted:?}");
    let image = received(&store, ada).await;
    let refused = store.accept(&image, quotas, None).await.expect("answers");
    assert!(matches!(refused, Acceptance::OverQuota(OverQuota::Images { limit: 1, used: 1 })), "{refused:?}");
}

/// An upload that ends after its user was disabled or deleted is not accepted.
pub async fn nothing_is_accepted_for_a_user_who_is_gone(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let image = received(&store, ada).await;
    let row = existing(&store, "ada").await;
    assert!(store.set_active(&row, false).await.expect("sets"));
    let outcome = store.accept(&image, crate::testing::UNLIMITED, None).await.expect("answers");
    assert!(matches!(outcome, Acceptance::NoAccess), "{outcome:?}");
    assert!(store.set_active(&row, true).await.expect("sets"));
    assert!(store.delete_user(&row, None).await.expect("deletes"));
    let outcome = store.accept(&image, crate::testing::UNLIMITED, None).await.expect("answers");
    assert!(matches!(outcome, Acceptance::NoAccess), "{outcome:?}");
    store.give_up(image.id).await.expect("gives up");
    assert_eq!(ids(&store.to_purge(10).await.expect("lists")), [image.id]);
}

/// An upload that ends after its token was revoked is not accepted.
pub async fn nothing_is_accepted_with_a_token_that_was_revoked(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let row = existing(&store, "ada").await;
    assert!(tokens::create(&store, &row, "hash", 20).await.expect("makes a token"));
    let token = store.tokens(ada, LONG).await.expect("lists")[0].id;
    let unlimited = crate::testing::UNLIMITED;
    let (first, second) = (received(&store, ada).await, received(&store, ada).await);
    let outcome = store.accept(&first, unlimited, Some(token)).await.expect("answers");
    assert!(matches!(outcome, Acceptance::Accepted(_)), "{outcome:?}");
    assert!(store.revoke_token(&row, token, AccountEvent::Logout, None).await.expect("revokes"));
    let outcome = store.accept(&second, unlimited, Some(token)).await.expect("answers");
    assert!(matches!(outcome, Acceptance::NoAccess), "{outcome:?}");
}

pub(super) async fn totals(store: &MetadataStore, user: UserId) -> Totals {
    let users = store.users(None, 100).await.expect("lists");
    users.into_iter().find(|summary| summary.user.id == user).expect("is there").totals
}
