//! The behaviours of webhooks: who has them, who delivers their events, and what is known of the deliveries.

use super::*;
use crate::ids::{ImageEventId, WebhookId};
use crate::image_event::ImageEvent;
use crate::metadata::{
    AfterTry, ClaimedWebhook, DELIVERIES_KEPT, Registration, Try, WEBHOOKS_PER_USER, Webhook,
};

const URL: &str = "https://hooks.example/images?key=secret";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

async fn registered(store: &MetadataStore, user: UserId) -> Webhook {
    match store.register_webhook(user, URL, SECRET).await.expect("answers") {
        Registration::Registered(webhook) => webhook,
        Registration::TooMany => panic!("too many"),
        Registration::NoAccess => panic!("no access"),
    }
}

/// One of the user's webhooks as it is now.
async fn webhook(store: &MetadataStore, user: UserId, id: WebhookId) -> Webhook {
    let webhooks = store.webhooks(user).await.expect("lists");
    webhooks.into_iter().find(|webhook| webhook.id == id).expect("is there")
}

async fn number(store: &MetadataStore) -> Vec<ImageEvent> {
    store.number_image_events(1000).await.expect("numbers")
}

async fn claim_webhook(store: &MetadataStore, lease: Duration) -> Option<ClaimedWebhook> {
    store.claim_webhook(lease, &[]).await.expect("claims")
}

/// The events that a claim has to deliver.
async fn events_of(store: &MetadataStore, webhook: &ClaimedWebhook) -> Vec<ImageEvent> {
    let (user, position) = (webhook.address.user_id, webhook.position);
    store.image_events_of(user, position, webhook.newest, 1000).await.expect("reads")
}

async fn tried(
    store: &MetadataStore,
    webhook: &ClaimedWebhook,
    event: &ImageEvent,
    then: AfterTry<'_>,
) -> Option<ClaimedWebhook> {
    let is_delivered = matches!(then, AfterTry::GoOn(_));
    let attempt = Try {
        message_id: &format!("evt_{}", event.id),
        kind: event.kind.full_name(),
        event: Some(event),
        status: Some(if is_delivered { 204 } else { 500 }),
        error: (!is_delivered).then_some("The host answered with status 500."),
    };
    store.webhook_tried(webhook, event.id, &attempt, then).await.expect("records")
}

/// Nobody but the user sees or touches a webhook.
pub async fn a_webhook_is_its_users_alone(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let first = registered(&store, ada).await;
    let second = registered(&store, ada).await;
    assert_eq!((first.url.as_str(), first.disabled_at, first.failing_since), (URL, None, None));
    assert!(store.webhooks(ada).await.expect("lists") == [first.clone(), second.clone()]);
    assert!(store.webhooks(eve).await.expect("lists").is_empty());
    assert!(store.webhook_address(eve, first.id).await.expect("answers").is_none());
    assert!(store.webhook_deliveries(eve, first.id).await.expect("answers").is_none());
    assert!(store.enable_webhook(eve, first.id).await.expect("answers").is_none());
    assert!(store.rotate_webhook(eve, first.id, "whsec_x", LONG).await.expect("answers").is_none());
    let test = Try { message_id: "test_1", kind: "test", event: None, status: None, error: None };
    assert!(!store.record_webhook_test(eve, first.id, &test).await.expect("answers"));
    assert!(!store.delete_webhook(eve, first.id).await.expect("answers"));
    assert!(store.webhooks(ada).await.expect("lists") == [first.clone(), second.clone()]);
    assert_eq!(store.webhook_deliveries(ada, first.id).await.expect("answers"), Some(Vec::new()));
    assert!(store.record_webhook_test(ada, first.id, &test).await.expect("answers"));
    assert!(store.delete_webhook(ada, first.id).await.expect("deletes"));
    assert!(!store.delete_webhook(ada, first.id).await.expect("answers"));
    assert_eq!(store.webhook_deliveries(ada, first.id).await.expect("answers"), None);
    assert_eq!(store.count_webhooks(ada).await.expect("counts"), 1);
}

/// The limit holds also for registrations at the same time, and for a user without access nothing is registered.
pub async fn of_registrations_at_once_ten_succeed(url: DatabaseUrl) {
    let stores = [migrated(&url).await, open(&url)];
    let ada = user(&stores[0], "ada").await;
    let outcomes = at_once(16, |number| {
        let store = stores[number % 2].clone();
        async move { store.register_webhook(ada, URL, SECRET).await.expect("answers") }
    });
    let outcomes = outcomes.await;
    let registered = outcomes.iter().filter(|outcome| matches!(outcome, Registration::Registered(_)));
    assert_eq!(i64::try_from(registered.count()), Ok(WEBHOOKS_PER_USER));
    assert_eq!(stores[0].count_webhooks(ada).await.expect("counts"), WEBHOOKS_PER_USER);
    user(&stores[0], "bob").await;
    let bob = existing(&stores[0], "bob").await;
    assert!(stores[0].set_active(&bob, false).await.expect("sets"));
    let refused = stores[0].register_webhook(bob.id, URL, SECRET).await.expect("answers");
    assert!(matches!(refused, Registration::NoAccess));
}

/// A webhook is due after an event of its user, and not before its registration was.
pub async fn a_webhook_hears_of_what_comes_after_it(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let (ada, bob) = (user(&store, "ada").await, user(&store, "bob").await);
    accepted(&store, ada).await;
    number(&store).await;
    let hook = registered(&store, ada).await;
    assert!(claim_webhook(&store, LONG).await.is_none());
    accepted(&store, bob).await;
    number(&store).await;
    assert!(claim_webhook(&store, LONG).await.is_none(), "it is not of the user");
    let image = accepted(&store, ada).await;
    accepted(&store, bob).await;
    number(&store).await;
    assert!(store.claim_webhook(LONG, &[bob, ada]).await.expect("claims").is_none());
    let claim = store.claim_webhook(LONG, &[bob]).await.expect("claims").expect("is due");
    assert_eq!((claim.address.webhook, claim.address.user_id), (hook.id, ada));
    assert_eq!(
        (claim.address.url.as_str(), claim.address.secrets.as_slice()),
        (URL, &[SECRET.to_owned()][..])
    );
    let events = events_of(&store, &claim).await;
    assert_eq!(events.iter().map(|event| event.image_id).collect::<Vec<_>>(), [image.id]);
    let claim = tried(&store, &claim, &events[0], AfterTry::GoOn(LONG)).await.expect("goes on");
    assert_eq!(claim.position, events[0].id);
    store.release_webhook(&claim, claim.newest).await.expect("releases");
    assert!(claim_webhook(&store, LONG).await.is_none(), "there is no more");
}

/// Of those who claim at the same time one gets the webhook.
pub async fn of_claims_at_once_one_gets_the_webhook(url: DatabaseUrl) {
    let stores = [migrated(&url).await, open(&url)];
    let ada = user(&stores[0], "ada").await;
    let hooks = [registered(&stores[0], ada).await, registered(&stores[0], ada).await];
    accepted(&stores[0], ada).await;
    number(&stores[0]).await;
    let claims = at_once(16, |number| {
        let store = stores[number % 2].clone();
        async move { claim_webhook(&store, LONG).await }
    });
    let mut claimed: Vec<_> = claims.await.into_iter().flatten().map(|claim| claim.address.webhook).collect();
    claimed.sort_unstable();
    assert_eq!(claimed, hooks.map(|hook| hook.id));
}

/// An event that could not be delivered is tried again after a pause, and later ones wait for it.
pub async fn a_failure_waits_and_a_success_moves_on(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let hook = registered(&store, ada).await;
    for _ in 0..2 {
        accepted(&store, ada).await;
    }
    number(&store).await;
    let first = claim_webhook(&store, LONG).await.expect("is due");
    let events = events_of(&store, &first).await;
    assert_eq!((events.len(), first.tries, first.failing_since), (2, 0, None));
    assert!(tried(&store, &first, &events[0], AfterTry::TryAgain(Duration::ZERO)).await.is_none());
    let since = webhook(&store, ada, hook.id).await.failing_since;
    assert!(since.is_some());
    tick(&store).await;
    let second = claim_webhook(&store, LONG).await.expect("is due");
    assert_eq!((second.tries, second.failing_since), (1, since));
    assert_eq!(events_of(&store, &second).await, events);
    assert!(tried(&store, &second, &events[0], AfterTry::TryAgain(LONG)).await.is_none());
    assert!(claim_webhook(&store, LONG).await.is_none(), "it has to wait");
    accepted(&store, ada).await;
    number(&store).await;
    assert!(claim_webhook(&store, LONG).await.is_none(), "and a new event does not change that");
    assert_eq!(webhook(&store, ada, hook.id).await.failing_since, since);
    store.enable_webhook(ada, hook.id).await.expect("answers").expect("is there");
    let mut claim = claim_webhook(&store, LONG).await.expect("is due");
    let events = events_of(&store, &claim).await;
    assert_eq!(events.len(), 3);
    for event in &events {
        claim = tried(&store, &claim, event, AfterTry::GoOn(LONG)).await.expect("goes on");
        assert_eq!((claim.position, claim.tries, claim.failing_since), (event.id, 0, None));
    }
    store.release_webhook(&claim, claim.newest).await.expect("releases");
    let deliveries = store.webhook_deliveries(ada, hook.id).await.expect("answers").expect("is theirs");
    let seen: Vec<_> = deliveries
        .iter()
        .map(|delivery| (delivery.event_id, delivery.delivered, delivery.status, delivery.tries))
        .collect();
    let of = |event: usize, tries| (Some(events[event].id), true, Some(204), tries);
    assert_eq!(seen, [of(2, 1), of(1, 1), of(0, 3)]);
    let oldest = deliveries.last().expect("three");
    assert_eq!((oldest.kind.as_str(), oldest.image_id), ("image.accepted", Some(events[0].image_id)));
    assert_eq!(
        (oldest.error.as_deref(), oldest.message_id.as_str()),
        (None, &*format!("evt_{}", events[0].id))
    );
    assert!(oldest.created_at < oldest.tried_at);
}

/// An event that comes while others are delivered is not overlooked.
pub async fn an_event_that_comes_during_a_claim_is_delivered_too(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    registered(&store, ada).await;
    accepted(&store, ada).await;
    number(&store).await;
    let claim = claim_webhook(&store, LONG).await.expect("is due");
    let events = events_of(&store, &claim).await;
    let claim = tried(&store, &claim, &events[0], AfterTry::GoOn(LONG)).await.expect("goes on");
    accepted(&store, ada).await;
    let later = number(&store).await;
    assert!(claim_webhook(&store, LONG).await.is_none(), "the lease runs");
    store.release_webhook(&claim, claim.newest).await.expect("releases");
    tick(&store).await;
    let claim = claim_webhook(&store, LONG).await.expect("is due");
    assert_eq!(events_of(&store, &claim).await, later);
}

/// Whoever has lost a claim changes nothing any more.
pub async fn a_lost_claim_of_a_webhook_changes_nothing(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let hook = registered(&store, ada).await;
    accepted(&store, ada).await;
    number(&store).await;
    let lost = claim_webhook(&store, SHORT).await.expect("is due");
    let held = until("the lease is over", async || claim_webhook(&store, LONG).await).await;
    assert!(lost.claim < held.claim);
    let events = events_of(&store, &lost).await;
    for then in [AfterTry::GoOn(LONG), AfterTry::TryAgain(Duration::ZERO), AfterTry::Disable("no")] {
        assert!(tried(&store, &lost, &events[0], then).await.is_none());
    }
    store.release_webhook(&lost, lost.newest).await.expect("answers");
    assert!(claim_webhook(&store, LONG).await.is_none(), "the other lease runs");
    assert_eq!(store.webhook_deliveries(ada, hook.id).await.expect("answers"), Some(Vec::new()));
    assert!(webhook(&store, ada, hook.id).await == hook);
    let held = tried(&store, &held, &events[0], AfterTry::GoOn(LONG)).await.expect("goes on");
    assert!(store.delete_webhook(ada, hook.id).await.expect("deletes"));
    assert!(tried(&store, &held, &events[0], AfterTry::GoOn(LONG)).await.is_none(), "it is deleted");
}

/// Nothing is delivered for a user who is disabled, and a claim ends with the event that is under way.
pub async fn a_user_without_access_gets_no_events(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    registered(&store, ada).await;
    for _ in 0..2 {
        accepted(&store, ada).await;
    }
    number(&store).await;
    let claim = claim_webhook(&store, LONG).await.expect("is due");
    let events = events_of(&store, &claim).await;
    let row = existing(&store, "ada").await;
    assert!(store.set_active(&row, false).await.expect("sets"));
    assert!(tried(&store, &claim, &events[0], AfterTry::GoOn(SHORT)).await.is_none());
    tick(&store).await;
    assert!(claim_webhook(&store, LONG).await.is_none());
    assert!(store.set_active(&existing(&store, "ada").await, true).await.expect("sets"));
    let claim = until("the lease is over", async || claim_webhook(&store, LONG).await).await;
    assert_eq!(claim.position, events[0].id, "what was delivered is not delivered again");
    store.release_webhook(&claim, claim.position).await.expect("releases");
    assert!(store.delete_user(&existing(&store, "ada").await, None).await.expect("deletes"));
    tick(&store).await;
    assert!(claim_webhook(&store, LONG).await.is_none());
}

/// A webhook that is disabled says why, and goes on where it stopped. Events that are gone by then are skipped.
pub async fn a_disabled_webhook_goes_on_where_it_stopped(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let hook = registered(&store, ada).await;
    for _ in 0..3 {
        accepted(&store, ada).await;
    }
    number(&store).await;
    let claim = claim_webhook(&store, LONG).await.expect("is due");
    let events = events_of(&store, &claim).await;
    let claim = tried(&store, &claim, &events[0], AfterTry::GoOn(LONG)).await.expect("goes on");
    assert!(tried(&store, &claim, &events[1], AfterTry::Disable("It is gone.")).await.is_none());
    let disabled = webhook(&store, ada, hook.id).await;
    assert!(disabled.disabled_at.is_some() && disabled.failing_since.is_some());
    assert_eq!(disabled.disabled_reason.as_deref(), Some("It is gone."));
    accepted(&store, ada).await;
    number(&store).await;
    tick(&store).await;
    assert!(claim_webhook(&store, LONG).await.is_none());
    // As if a day had passed for the second event.
    let old = format!("UPDATE image_events SET at = '2020-01-01 00:00:00' WHERE id <= {}", events[1].id);
    run_sql(&url, &old).await;
    assert_eq!(store.purge_image_events(LONG, 1000).await.expect("purges"), 2);
    let enabled = store.enable_webhook(ada, hook.id).await.expect("answers").expect("is there");
    assert!(enabled == hook);
    let claim = claim_webhook(&store, LONG).await.expect("is due");
    assert_eq!((claim.position, claim.tries), (events[0].id, 0));
    let left: Vec<ImageEventId> = events_of(&store, &claim).await.iter().map(|event| event.id).collect();
    assert_eq!(left, [events[2].id, id(events[2].id.get() + 1)]);
}

/// A new secret signs at once, and the one that it replaces for a while.
pub async fn the_old_secret_signs_for_a_while(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let hook = registered(&store, ada).await;
    let secrets = async || {
        let address = store.webhook_address(ada, hook.id).await.expect("answers").expect("is there");
        address.secrets
    };
    assert_eq!(secrets().await, [SECRET]);
    store.rotate_webhook(ada, hook.id, "whsec_2", LONG).await.expect("rotates").expect("is there");
    assert_eq!(secrets().await, ["whsec_2", SECRET]);
    store.rotate_webhook(ada, hook.id, "whsec_3", SHORT).await.expect("rotates").expect("is there");
    until("the old one is over", async || (secrets().await == ["whsec_3"]).then_some(())).await;
}

/// The newest deliveries are kept, tests among them.
pub async fn the_last_hundred_deliveries_are_kept(url: DatabaseUrl) {
    let store = migrated(&url).await;
    let ada = user(&store, "ada").await;
    let (hook, other) = (registered(&store, ada).await, registered(&store, ada).await);
    let test = async |webhook: WebhookId, number: i64| {
        let message_id = format!("test_{number}");
        let test =
            Try { message_id: &message_id, kind: "test", event: None, status: None, error: Some("No.") };
        assert!(store.record_webhook_test(ada, webhook, &test).await.expect("records"));
    };
    test(other.id, 0).await;
    for number in 0..DELIVERIES_KEPT + 3 {
        test(hook.id, number).await;
    }
    let deliveries = async |webhook: WebhookId| {
        store.webhook_deliveries(ada, webhook).await.expect("answers").expect("is theirs")
    };
    let kept = deliveries(hook.id).await;
    assert_eq!(i64::try_from(kept.len()), Ok(DELIVERIES_KEPT));
    assert_eq!((kept[0].message_id.as_str(), kept[99].message_id.as_str()), ("test_102", "test_3"));
    assert_eq!((kept[0].event_id, kept[0].image_id, kept[0].delivered), (None, None, false));
    assert_eq!(kept[0].error.as_deref(), Some("No."));
    assert_eq!(deliveries(other.id).await.len(), 1);
}
