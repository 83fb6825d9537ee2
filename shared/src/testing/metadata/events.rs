//! The behaviours of the events of accounts.

use std::net::IpAddr;

use super::*;
use crate::account::{AccountEvent, ClientNetwork};

const HERE: &str = "192.0.2.1";

/// Every change of an account leaves an event, and the events outlive the user.
pub async fn every_change_of_an_account_is_recorded(url: DatabaseUrl) {
    let store = migrated(&url).await;
    user(&store, "ada").await;
    user(&store, "bob").await;
    let ada = existing(&store, "ada").await;
    tokens::create(&store, &ada, "hash", 20).await.expect("makes a token");
    let token = store.tokens(ada.id, LONG).await.expect("lists").remove(0).id;
    let here = Some(address(HERE));
    assert!(store.revoke_token(&ada, token, AccountEvent::Logout, here).await.expect("revokes"));
    store.record(&ada, AccountEvent::LoginFailed, here).await.expect("records");
    assert!(store.change_password(&ada, "hash", None, here).await.expect("changes"));
    assert!(store.set_active(&ada, false).await.expect("sets"));
    let ada = existing(&store, "ada").await;
    assert!(store.delete_user(&ada, here).await.expect("deletes"));
    tick(&store).await;
    assert_eq!(store.remove_deleted_users(Duration::ZERO, 10).await.expect("removes"), 1);
    let events = store.events(&username("ada"), None, 100).await.expect("lists");
    let told: Vec<_> = events
        .iter()
        .rev()
        .map(|event| (event.event.as_str(), event.address.as_deref(), event.detail.as_deref()))
        .collect();
    let expected = [
        ("created", None, None),
        ("login", None, Some("a phone")),
        ("logout", Some(HERE), Some("a phone")),
        ("login_failed", Some(HERE), None),
        ("password_changed", Some(HERE), None),
        ("disabled", None, None),
        ("deleted", Some(HERE), None),
    ];
    assert_eq!(told, expected);
    assert!(events.iter().all(|event| event.user_id == ada.id));
    let earlier = store.events(&username("ada"), Some(events[1].id), 2).await.expect("lists");
    assert_eq!(earlier, events[2..4]);
}

/// Old events are forgotten.
pub async fn events_are_kept_for_a_while(url: DatabaseUrl) {
    let store = migrated(&url).await;
    user(&store, "ada").await;
    assert_eq!(store.forget_events(LONG, 10).await.expect("forgets"), 0);
    run_sql(&url, "UPDATE account_events SET at = '2020-01-01 00:00:00'").await;
    user(&store, "bob").await;
    assert_eq!(store.forget_events(LONG, 10).await.expect("forgets"), 1);
    assert_eq!(store.events(&username("ada"), None, 10).await.expect("lists"), []);
    assert_eq!(store.events(&username("bob"), None, 10).await.expect("lists").len(), 1);
}

/// A network is known to a user who has logged in from it, for a while, and to nobody else.
pub async fn a_network_is_known_after_a_login(url: DatabaseUrl) {
    let store = migrated(&url).await;
    user(&store, "ada").await;
    user(&store, "bob").await;
    let (ada, bob) = (existing(&store, "ada").await, existing(&store, "bob").await);
    let known = async |user: &User, text: &str| {
        let network = ClientNetwork::from(address(text));
        let found = store.find_login(&username(&user.username), network, LONG).await.expect("answers");
        let (found, is_known) = found.expect("is there");
        assert_eq!(found, *user);
        is_known
    };
    let label = crate::account::TokenLabel::default();
    let home = Some(address("2001:db8:1:2::1"));
    store.record(&bob, AccountEvent::LoginFailed, home).await.expect("records");
    let token = crate::metadata::NewToken { key_hash: "hash", label: &label, address: home, keep: 20 };
    store.create_token(&ada, &token).await.expect("makes a token");
    assert!(known(&ada, "2001:db8:1:2:3::4").await, "the same network of 64 bits");
    assert!(!known(&ada, "2001:db8:1:3::1").await);
    assert!(!known(&bob, "2001:db8:1:2::1").await, "a failed login");
    run_sql(&url, "UPDATE account_events SET at = '2020-01-01 00:00:00'").await;
    assert!(!known(&ada, "2001:db8:1:2::1").await);
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}
