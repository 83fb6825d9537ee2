//! The behaviours of users and their tokens.

use super::*;
use crate::account::{OwnQuotas, Quota};
use crate::metadata::MetadataError;

/// A user is found with the data that were stored, and an unknown name is not found.
pub async fn a_user_is_found_by_name(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let id = user(&store, "ada").await;
    let ada = find_user(&store, "ada").await.expect("is there");
    assert_eq!((ada.id, ada.username.as_str(), ada.active), (id, "ada", true));
    assert_eq!(ada.password_hash, "$argon2id$…");
    assert_eq!(find_user(&store, "Ada").await, None);
    assert_eq!(find_user(&store, "' OR 1=1 --").await, None);
}

/// Two users cannot have the same name.
pub async fn a_taken_name_is_refused(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let id = user(&store, "ada").await;
    let second = store.create_user(&username("ada"), "another hash", None).await;
    assert!(matches!(second, Err(MetadataError::Taken(_))), "{second:?}");
    let ada = find_user(&store, "ada").await.expect("is there");
    assert_eq!((ada.id, ada.password_hash.as_str()), (id, "$argon2id$…"));
    assert!(user(&store, "bob").await > id);
    let looks_the_same = store.create_user(&username("ａｄａ"), "another hash", None).await;
    assert!(matches!(looks_the_same, Err(MetadataError::Taken(_))), "{looks_the_same:?}");
}

/// If eight users register the same name at the same time, one of them gets it.
pub async fn of_eight_registrations_of_one_name_one_wins(url: DatabaseUrl) {
    let store = migrated(&url).await;
    for round in 0..10 {
        let outcomes = at_once(8, |_| {
            let store = store.clone();
            async move { store.create_user(&username(&format!("ada-{round}")), "hash", None).await }
        });
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for outcome in lost {
            assert!(matches!(outcome, Err(MetadataError::Taken(_))), "{outcome:?}");
        }
    }
}

/// A user who was disabled is returned as inactive.
pub async fn an_inactive_user_is_returned_as_inactive(url: DatabaseUrl) {
    let store = migrated(&url).await;
    user(&store, "ada").await;
    user(&store, "bob").await;
    let ada = existing(&store, "ada").await;
    tokens::create(&store, &ada, "hash", 20).await.expect("makes a token");
    for active in [false, false, true] {
        assert!(store.set_active(&ada, active).await.expect("sets"));
        let by_name = existing(&store, "ada").await;
        let by_token = store.holder_of_token("hash", LONG).await.expect("looks up").expect("is there");
        assert_eq!((by_name.active, by_token.user.active), (active, active));
    }
    assert!(existing(&store, "bob").await.active);
    let nobody = User { id: later_user(&ada), ..ada };
    assert!(!store.set_active(&nobody, false).await.expect("sets"));
}

/// Whatever an operator sets is read back, and the other columns stay.
pub async fn an_operator_sees_what_was_set(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (first, second) = (user(&store, "ada").await, user(&store, "bob").await);
    let ada = existing(&store, "ada").await;
    let quotas = OwnQuotas { images: Some(Quota::at_most(7)), bytes: Some(Quota::UNLIMITED) };
    assert!(store.set_quotas(&ada, quotas).await.expect("sets"));
    assert!(store.set_admin(&ada, true).await.expect("sets"));
    let listed = store.users(None, 10).await.expect("lists");
    assert_eq!(listed.iter().map(|summary| summary.user.id).collect::<Vec<_>>(), [first, second]);
    assert_eq!((listed[0].quotas, listed[0].user.admin, listed[0].user.active), (quotas, true, true));
    assert_eq!((listed[1].quotas, listed[1].user.admin), (OwnQuotas::default(), false));
    assert!(store.set_quotas(&ada, OwnQuotas::default()).await.expect("sets"));
    let page = store.users(None, 1).await.expect("lists");
    assert_eq!((page.len(), page[0].quotas, page[0].user.admin), (1, OwnQuotas::default(), true));
    assert_eq!(store.users(Some(first), 10).await.expect("lists")[0].user.id, second);
}

fn later_user(user: &User) -> UserId {
    id(user.id.get() + 100)
}
