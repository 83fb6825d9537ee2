use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::join;

use super::super::outcome::{Failure, Outcome};
use super::super::target::BadTarget;
use super::tls::answer_securely;
use super::{Fake, Receiver, TIME_LIMIT, message, target};

const PUBLIC: &str = "93.184.215.14";

#[tokio::test]
async fn a_name_is_resolved_once_and_the_address_that_was_checked_is_connected_to() {
    let receiver = Receiver::new().await;
    let network = Fake::new([&[PUBLIC], &["127.0.0.1"]]);
    let network = Arc::new(Fake { receiver: Some(receiver.address()), ..network });
    let sender = network.sender(TIME_LIMIT);
    let (target, message) = (target("https://hooks.example/"), message());
    let (outcome, _) = join!(sender.send(&target, &message), answer_securely(&receiver));
    assert_eq!(outcome, Outcome::Delivered { status: 200 });
    assert_eq!(network.resolved(), ["hooks.example"]);
    assert_eq!(network.connected(), [format!("{PUBLIC}:443")]);
    // The next delivery asks again, and meets the other answer.
    let outcome = sender.send(&target, &message).await;
    assert_eq!(outcome, Outcome::Failed(Failure::NotPublic([127, 0, 0, 1].into())));
    assert_eq!(network.connected().len(), 1);
}

#[tokio::test]
async fn a_host_with_any_address_that_is_not_public_is_not_connected_to() {
    for answer in [
        &["127.0.0.1"][..],
        &[PUBLIC, "10.0.0.1"],
        &["10.0.0.1", PUBLIC],
        &[PUBLIC, "2606:4700:4700::1111", "::ffff:93.184.215.14"],
        &["169.254.169.254"],
        &["fd00:ec2::254"],
        &["::1"],
    ] {
        let network = Arc::new(Fake::new([answer]));
        let sender = network.sender(TIME_LIMIT);
        let outcome = sender.send(&target("https://hooks.example/"), &message()).await;
        assert!(matches!(outcome, Outcome::Failed(Failure::NotPublic(_))), "{answer:?}: {outcome:?}");
        assert!(network.connected().is_empty(), "{answer:?}");
    }
}

#[tokio::test]
async fn a_target_that_was_accepted_as_private_is_not_public_at_send() {
    let network = Arc::new(Fake::default());
    let sender = network.sender(TIME_LIMIT);
    for (text, expected) in [
        ("https://127.0.0.1/", BadTarget::NotPublic),
        ("https://0x7f.1/", BadTarget::NotPublic),
        ("https://[::ffff:127.0.0.1]/", BadTarget::NotPublic),
        ("https://localhost/", BadTarget::NotPublic),
        ("http://hooks.example/", BadTarget::NotHttps),
    ] {
        let outcome = sender.send(&target(text), &message()).await;
        assert_eq!(outcome, Outcome::Failed(Failure::Target(expected)), "{text}");
    }
    assert!(network.resolved().is_empty() && network.connected().is_empty());
}

/// What the addresses of a host are asked for if the first is as `network` has it, and the second accepts connections.
async fn second_address(limit: Duration, network: impl FnOnce(Fake, IpAddr) -> Fake) -> Vec<String> {
    let receiver = Receiver::new().await;
    let first = "2606:4700:4700::1111";
    let both = Fake { receiver: Some(receiver.address()), ..Fake::new([&[first, PUBLIC]]) };
    let network = Arc::new(network(both, first.parse().expect("an address")));
    let sender = network.sender(limit);
    let (target, message) = (target("https://hooks.example:8443/"), message());
    let (outcome, _) = join!(sender.send(&target, &message), answer_securely(&receiver));
    assert_eq!(outcome, Outcome::Delivered { status: 200 });
    network.connected()
}

#[tokio::test]
async fn an_address_that_accepts_no_connection_gives_way_to_the_next_one() {
    let expected = ["[2606:4700:4700::1111]:8443".to_owned(), format!("{PUBLIC}:8443")];
    let refuses = |network, first| Fake { down: vec![first], ..network };
    assert_eq!(second_address(TIME_LIMIT, refuses).await, expected);
    let is_silent = |network, first| Fake { silent: vec![first], ..network };
    assert_eq!(second_address(Duration::from_millis(1500), is_silent).await, expected);
}

#[tokio::test]
async fn a_name_without_addresses_is_told_apart() {
    for network in [Fake::default(), Fake::new([&[]])] {
        let sender = Arc::new(network).sender(TIME_LIMIT);
        let outcome = sender.send(&target("https://hooks.example/"), &message()).await;
        assert_eq!(outcome, Outcome::Failed(Failure::Unresolvable));
    }
}
