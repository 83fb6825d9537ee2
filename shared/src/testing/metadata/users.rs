//! The behaviours of users and their tokens.

use super::*;
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
    let second = store.create_user(&username("ada"), "another hash").await;
    assert!(matches!(second, Err(MetadataError::Taken(_))), "{second:?}");
    let ada = find_user(&store, "ada").await.expect("is there");
    assert_eq!((ada.id, ada.password_hash.as_str()), (id, "$argon2id$…"));
    assert!(user(&store, "bob").await > id);
}

/// If eight users register the same name at the same time, one of them gets it.
pub async fn of_eight_registrations_of_one_name_one_wins(url: DatabaseUrl) {
    let store = migrated(&url).await;
    for round in 0..10 {
        let outcomes = at_once(8, |_| {
            let store = store.clone();
            async move { store.create_user(&username(&format!("ada-{round}")), "hash").await }
        });
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for outcome in lost {
            assert!(matches!(outcome, Err(MetadataError::Taken(_))), "{outcome:?}");
        }
    }
}

/// A token is found with its user, an unknown one is not found, and a hash is stored only once.
pub async fn a_token_names_its_user(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (user(&store, "ada").await, user(&store, "bob").await);
    store.create_token(ada, "hash-a", 20).await.expect("makes a token");
    store.create_token(bob, "hash-b", 20).await.expect("makes a token");
    assert_eq!(owner(&store, "hash-a").await, Some(ada));
    assert_eq!(owner(&store, "hash-b").await, Some(bob));
    assert_eq!(owner(&store, "hash-c").await, None);
    let again = store.create_token(bob, "hash-a", 20).await;
    assert!(matches!(again, Err(MetadataError::Taken(_))), "{again:?}");
}

/// The user's oldest tokens are removed until `keep` are left, and tokens of other users stay.
pub async fn the_newest_tokens_stay(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (user(&store, "ada").await, user(&store, "bob").await);
    store.create_token(bob, "bob's", 3).await.expect("makes a token");
    for number in 1..=5 {
        store.create_token(ada, &format!("hash-{number}"), 3).await.expect("makes a token");
    }
    for (number, kept) in [(1, false), (2, false), (3, true), (4, true), (5, true)] {
        assert_eq!(owner(&store, &format!("hash-{number}")).await.is_some(), kept, "token {number}");
    }
    store.create_token(ada, "hash-6", 1).await.expect("makes a token");
    assert_eq!(owner(&store, "hash-5").await, None);
    assert_eq!(owner(&store, "hash-6").await, Some(ada));
    assert_eq!(owner(&store, "bob's").await, Some(bob));
}

/// Logins at the same time do not fail and do not leave more tokens than allowed.
pub async fn tokens_made_at_once_keep_the_limit(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let outcomes = at_once(8, |number| {
        let store = store.clone();
        async move { store.create_token(ada, &format!("hash-{number}"), 3).await }
    });
    for outcome in outcomes.await {
        outcome.expect("makes a token");
    }
    let mut left = 0;
    for number in 0..8 {
        left += usize::from(owner(&store, &format!("hash-{number}")).await.is_some());
    }
    assert_eq!(left, 3);
}

/// A user who was disabled is returned as inactive.
pub async fn an_inactive_user_is_returned_as_inactive(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    user(&store, "bob").await;
    store.create_token(ada, "hash", 20).await.expect("makes a token");
    for active in [false, false, true] {
        assert!(store.set_active(&username("ada"), active).await.expect("sets"));
        let by_name = find_user(&store, "ada").await.expect("is there");
        let by_token = store.user_of_token("hash").await.expect("looks up").expect("is there");
        assert_eq!((by_name.active, by_token.active), (active, active));
    }
    assert!(find_user(&store, "bob").await.expect("is there").active);
    assert!(!store.set_active(&username("nobody"), false).await.expect("sets"));
}

async fn owner(store: &MetadataStore, key_hash: &str) -> Option<UserId> {
    store.user_of_token(key_hash).await.expect("looks up").map(|user| user.id)
}
