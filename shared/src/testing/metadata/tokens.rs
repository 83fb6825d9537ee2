//! The behaviours of tokens.

use super::*;
use crate::account::{AccountEvent, TokenLabel};
use crate::ids::TokenId;
use crate::metadata::{MetadataError, NewToken};

/// A token is found with its user, an unknown one is not found, and a hash is stored only once.
pub async fn a_token_names_its_user(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (new(&store, "ada").await, new(&store, "bob").await);
    create(&store, &ada, "hash-a", 20).await.expect("makes a token");
    create(&store, &bob, "hash-b", 20).await.expect("makes a token");
    assert_eq!(owner(&store, "hash-a").await, Some(ada.id));
    assert_eq!(owner(&store, "hash-b").await, Some(bob.id));
    assert_eq!(owner(&store, "hash-c").await, None);
    let again = create(&store, &bob, "hash-a", 20).await;
    assert!(matches!(again, Err(MetadataError::Taken(_))), "{again:?}");
}

/// The user's oldest tokens are removed until `keep` are left, and tokens of other users stay.
pub async fn the_newest_tokens_stay(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (new(&store, "ada").await, new(&store, "bob").await);
    create(&store, &bob, "bob's", 3).await.expect("makes a token");
    for number in 1..=5 {
        create(&store, &ada, &format!("hash-{number}"), 3).await.expect("makes a token");
    }
    for (number, kept) in [(1, false), (2, false), (3, true), (4, true), (5, true)] {
        assert_eq!(owner(&store, &format!("hash-{number}")).await.is_some(), kept, "token {number}");
    }
    create(&store, &ada, "hash-6", 1).await.expect("makes a token");
    assert_eq!(owner(&store, "hash-5").await, None);
    assert_eq!(owner(&store, "hash-6").await, Some(ada.id));
    assert_eq!(owner(&store, "bob's").await, Some(bob.id));
}

/// Logins at the same time do not fail and do not leave more tokens than allowed.
pub async fn tokens_made_at_once_keep_the_limit(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = new(&store, "ada").await;
    let outcomes = at_once(8, |number| {
        let store = store.clone();
        let ada = ada.clone();
        async move { create(&store, &ada, &format!("hash-{number}"), 3).await }
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

/// A token expires if it is not used. Its use is recorded in a step of its own.
pub async fn a_token_lives_as_long_as_it_is_used(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = new(&store, "ada").await;
    create(&store, &ada, "used", 20).await.expect("makes a token");
    create(&store, &ada, "unused", 20).await.expect("makes a token");
    run_sql(&url, "UPDATE tokens SET used_at = '2020-01-01 00:00:00'").await;
    assert_eq!(owner(&store, "used").await, None);
    let ids: Vec<TokenId> =
        store.tokens(ada.id, AGES).await.expect("lists").iter().map(|token| token.id).collect();
    assert_eq!(store.tokens(ada.id, LONG).await.expect("lists"), []);
    store.mark_used(&ids[..1]).await.expect("marks");
    assert_eq!(owner(&store, "used").await, Some(ada.id));
    assert_eq!(store.expire_tokens(LONG, 10).await.expect("expires"), 1);
    let left = store.tokens(ada.id, AGES).await.expect("lists");
    assert_eq!(left.iter().map(|token| token.id).collect::<Vec<_>>(), ids[..1]);
    assert!(left[0].used_at > left[0].created_at, "{left:?}");
}

/// A user revokes a token of their own, once, and no token of another user.
pub async fn a_user_revokes_their_own_tokens(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (new(&store, "ada").await, new(&store, "bob").await);
    create(&store, &ada, "hash", 20).await.expect("makes a token");
    let token = store.tokens(ada.id, LONG).await.expect("lists").remove(0);
    assert_eq!(token.label, "a phone");
    let revoke = async |user| {
        store.revoke_token(user, token.id, AccountEvent::TokenRevoked, None).await.expect("answers")
    };
    assert!(!revoke(&bob).await);
    assert_eq!(owner(&store, "hash").await, Some(ada.id));
    assert!(revoke(&ada).await);
    assert_eq!(owner(&store, "hash").await, None);
    assert!(!revoke(&ada).await);
}

/// A changed password removes the other tokens of the user, and no token of another user.
pub async fn a_changed_password_removes_the_other_tokens(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (new(&store, "ada").await, new(&store, "bob").await);
    for (user, hash) in [(&ada, "first"), (&ada, "second"), (&bob, "bob's")] {
        create(&store, user, hash, 20).await.expect("makes a token");
    }
    let kept = store.holder_of_token("second", LONG).await.expect("looks up").expect("is there").token;
    assert!(store.change_password(&ada, "another hash", Some(kept), None).await.expect("changes"));
    assert_eq!(existing(&store, "ada").await.password_hash, "another hash");
    assert_eq!(owner(&store, "first").await, None);
    assert_eq!(owner(&store, "second").await, Some(ada.id));
    let ada = existing(&store, "ada").await;
    assert!(store.change_password(&ada, "a third hash", None, None).await.expect("changes"));
    assert_eq!(owner(&store, "second").await, None);
    assert_eq!(owner(&store, "bob's").await, Some(bob.id));
}

/// A login that was checked before the password changed, or before the user was disabled, gets no token.
pub async fn a_login_with_an_old_password_gets_no_token(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let before = new(&store, "ada").await;
    assert!(store.change_password(&before, "another hash", None, None).await.expect("changes"));
    assert!(!create(&store, &before, "late", 20).await.expect("answers"));
    let after = existing(&store, "ada").await;
    assert!(
        !store.change_password(&before, "a third hash", None, None).await.expect("answers"),
        "nor a change"
    );
    assert!(!store.delete_user(&before, None).await.expect("answers"), "nor a deletion");
    assert!(store.set_active(&after, false).await.expect("sets"));
    assert!(!create(&store, &after, "disabled", 20).await.expect("answers"));
    assert!(store.set_active(&after, true).await.expect("sets"));
    assert!(create(&store, &after, "in time", 20).await.expect("answers"));
    assert_eq!(owner(&store, "in time").await, Some(before.id));
    assert_eq!(store.tokens(before.id, LONG).await.expect("lists").len(), 1);
}

/// Of logins and a change of the password at the same time, no token with the old password is left.
pub async fn no_token_slips_through_a_change_of_the_password(url: DatabaseUrl) {
    let store = migrated(&url).await;
    new(&store, "ada").await;
    for round in 0..10 {
        let before = existing(&store, "ada").await;
        let outcomes = at_once(8, |number| {
            let (store, before) = (store.clone(), before.clone());
            async move {
                if number == 4 {
                    let hash = format!("hash {round}");
                    return store.change_password(&before, &hash, None, None).await.expect("answers");
                }
                create(&store, &before, &format!("token {round} {number}"), 20).await.expect("answers")
            }
        });
        assert!(outcomes.await[4], "the password is changed");
        assert_eq!(store.tokens(before.id, LONG).await.expect("lists"), []);
    }
}

/// The lifetime of tokens that were not used for years.
const AGES: Duration = Duration::from_secs(100 * 365 * 86_400);

async fn new(store: &MetadataStore, name: &str) -> User {
    user(store, name).await;
    existing(store, name).await
}

/// Makes a token as a login does.
pub(super) async fn create(
    store: &MetadataStore,
    user: &User,
    key_hash: &str,
    keep: i64,
) -> Result<bool, MetadataError> {
    let label = TokenLabel::of("a phone");
    store.create_token(user, &NewToken { key_hash, label: &label, address: None, keep }).await
}

async fn owner(store: &MetadataStore, key_hash: &str) -> Option<UserId> {
    store.holder_of_token(key_hash, LONG).await.expect("looks up").map(|holder| holder.user.id)
}
