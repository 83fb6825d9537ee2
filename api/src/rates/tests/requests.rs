//! Tests of what a request is held against.

use std::sync::Arc;

use resizinator_shared::ids::UserId;
use resizinator_shared::settings::RateLimits;
use resizinator_shared::testing::{id, username};

use super::{network, rates, request};
use crate::rates::{Rates, Throttled};

fn login(rates: &Arc<Rates>, from: u32, name: &str, known: Option<UserId>) -> Result<(), Throttled> {
    request(rates, network(from)).login(&username(name), known)
}

fn refusal(outcome: Result<(), Throttled>) -> String {
    let sentence = outcome.expect_err("refused").to_string();
    sentence.rsplit_once("The limit ").expect("names the limit").1.to_owned()
}

#[test]
fn a_stranger_has_ten_tries_at_a_name_and_another_network_as_many() {
    let rates = rates();
    for _ in 0..10 {
        login(&rates, 1, "ada", None).expect("allowed");
    }
    assert_eq!(refusal(login(&rates, 1, "ada", None)), "login-stranger is 10 requests in 600 seconds.");
    login(&rates, 1, "bob", None).expect("another name");
    login(&rates, 2, "ada", None).expect("another network");
}

#[test]
fn a_network_has_twenty_logins_a_minute_whatever_the_names() {
    let rates = rates();
    for number in 0..20 {
        login(&rates, 1, &format!("user{number}"), None).expect("allowed");
    }
    assert_eq!(refusal(login(&rates, 1, "ada", None)), "login is 20 requests in 60 seconds.");
}

#[test]
fn strangers_from_a_thousand_networks_who_hammer_a_name_lock_nobody_out_who_is_known() {
    let (rates, ada) = (rates(), Some(id(7)));
    let tries = (0..1000).filter(|number| login(&rates, 100 + number, "ada", None).is_ok()).count();
    // One more comes back every 12 s.
    assert!((50..55).contains(&tries), "{tries}");
    assert_eq!(refusal(login(&rates, 1, "ada", None)), "login-name is 50 requests in 600 seconds.");
    for _ in 0..30 {
        login(&rates, 1, "ada", ada).expect("a known network");
    }
    // Not even from the same network: those may be two people behind one address.
    login(&rates, 100, "ada", ada).expect("a known network");
    assert_eq!(refusal(login(&rates, 1, "ada", ada)), "login-known is 30 requests in 600 seconds.");
}

#[test]
fn the_logins_of_a_known_network_cost_its_strangers_nothing() {
    let rates = rates();
    for number in 1..=25 {
        login(&rates, 1, "ada", Some(id(number))).expect("a known network");
    }
    let newcomer = request(&rates, network(1));
    newcomer.login(&username("bob"), None).expect("a stranger");
    let remaining = newcomer.standings().iter().map(|one| one.remaining).collect::<Vec<_>>();
    assert_eq!(remaining, [19, 9, 49]);
}

#[test]
fn proofs_by_password_are_counted_for_each_user() {
    let rates = rates();
    let proof = |user| request(&rates, network(1)).password(id(user));
    for _ in 0..10 {
        proof(1).expect("allowed");
    }
    assert_eq!(refusal(proof(1)), "password is 10 requests in 600 seconds.");
    proof(2).expect("another user");
}

#[test]
fn limits_that_are_off_refuse_and_show_nothing() {
    let rates = Arc::new(Rates::new(&RateLimits::OFF));
    let request = request(&rates, network(1));
    for _ in 0..10_000 {
        request.address().expect("allowed");
        request.login(&username("ada"), None).expect("allowed");
    }
    assert!(request.standings().is_empty());
}
