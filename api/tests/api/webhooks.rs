//! Tests of `user/webhooks/`, and of what arrives at the targets.

use std::collections::BTreeSet;

use resizinator_shared::image_event::ImageEventKind;
use resizinator_shared::settings::{DatabaseUrl, WebhookTargets};
use resizinator_shared::testing::id;
use serde_json::{Value, json};
use url::Url;

use crate::helpers::{Proxy, Receiver, TestApp, User, database, on_every_backend, on_services_with, until};

const NONE: &str = r#"{"detail":"No Webhook matches the given query."}"#;

on_every_backend! {
    the_secret_of_a_webhook_is_shown_once
    another_users_webhook_is_not_there
    the_eleventh_webhook_is_refused
    events_arrive_in_their_order_and_signed
    an_event_is_tried_again_and_later_ones_wait
    a_target_that_is_gone_gets_nothing_more_until_the_webhook_is_enabled
    a_webhook_that_fails_for_a_day_is_disabled
    both_secrets_sign_after_a_rotation
    a_test_is_sent_at_once
    a_silent_target_holds_up_no_other_webhook
    a_deleted_user_hears_nothing_more
}

async fn the_secret_of_a_webhook_is_shown_once(app: &TestApp) {
    let ada = app.user("ada").await;
    let answer = register(&ada, "https://Hooks.example/images?key=1").await;
    assert_eq!((answer.status, answer.header("cache-control")), (201, "no-store"));
    let mut webhook = answer.json();
    let secret = webhook.as_object_mut().expect("an object").remove("secret").expect("a secret");
    assert!(secret.as_str().expect("a text").starts_with("whsec_"));
    let expected = json!({
        "id": webhook["id"], "url": "https://hooks.example/images?key=1", "enabled": true,
        "disabled_reason": null, "failing_since": null, "created_at": webhook["created_at"],
    });
    assert_eq!(webhook, expected);
    let list = ada.get("/user/webhooks/").await;
    assert_eq!((list.status, list.header("cache-control")), (200, "private, no-cache"));
    assert_eq!(list.json(), json!({ "count": 1, "next": null, "previous": null, "results": [webhook] }));
    let path = format!("/user/webhooks/{}/", webhook["id"]);
    let deliveries = ada.get(&format!("{path}deliveries/")).await;
    assert_eq!(deliveries.text(), r#"{"count":0,"next":null,"previous":null,"results":[]}"#);
    ada.delete(&path).await.assert_is(204, "");
    ada.delete(&path).await.assert_is(404, NONE);
    assert_eq!(ada.get("/user/webhooks/").await.json()["count"], 0);
}

async fn another_users_webhook_is_not_there(app: &TestApp) {
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let receiver = Receiver::start().await;
    let (path, secret) = registered(&ada, &receiver).await;
    for path in [path.as_str(), "/user/webhooks/0/", "/user/webhooks/99999999999999999999/"] {
        eve.delete(path).await.assert_is(404, NONE);
        eve.get(&format!("{path}deliveries/")).await.assert_is(404, NONE);
        for action in ["test", "enable", "rotate"] {
            post(&eve, &format!("{path}{action}/")).await.assert_is(404, NONE);
        }
    }
    assert_eq!(eve.get("/user/webhooks/").await.json()["count"], 0);
    eve.uploaded().await;
    let image = ada.uploaded().await;
    let received = receiver.has(1).await;
    received[0].assert_signed_by(&[&secret]);
    assert_eq!(received[0].told(), ("image.accepted".into(), image["id"].clone()));
    assert_eq!(deliveries(&ada, &path, 1).await.len(), 1);
    assert_eq!(receiver.received().len(), 1, "nothing of eve's");
}

async fn the_eleventh_webhook_is_refused(app: &TestApp) {
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let mut paths = Vec::new();
    for number in 0..10 {
        let answer = register(&ada, &format!("https://hooks.example/{number}")).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        paths.push(format!("/user/webhooks/{}/", answer.json()["id"]));
    }
    let refused = register(&ada, "https://hooks.example/10").await;
    refused.assert_is(409, r#"{"detail":"The limit max_webhooks_per_user is 10, and you have 10."}"#);
    assert_eq!(ada.get("/limits/").await.json()["webhooks"], json!({ "limit": 10, "used": 10 }));
    assert_eq!(register(&eve, "https://hooks.example/").await.status, 201);
    assert_eq!(ada.delete(&paths[3]).await.status, 204);
    assert_eq!(register(&ada, "https://hooks.example/10").await.status, 201);
}

async fn events_arrive_in_their_order_and_signed(app: &TestApp) {
    let ada = app.user("ada").await;
    ada.uploaded().await;
    number(app).await;
    let receiver = Receiver::start().await;
    let (path, secret) = registered(&ada, &receiver).await;
    let (first, second) = (ada.uploaded().await, ada.uploaded().await);
    ada.process(&first).await;
    ada.delete(&format!("/image/{}/", second["id"])).await;
    let received = receiver.has(4).await;
    let told: Vec<_> = received.iter().map(|message| message.told()).collect();
    let of = |kind: &str, image: &Value| (kind.to_owned(), image["id"].clone());
    let expected = [
        of("image.accepted", &first),
        of("image.accepted", &second),
        of("image.ready", &first),
        of("image.deleted", &second),
    ];
    assert_eq!(told, expected, "and nothing from before the registration");
    for message in &received {
        message.assert_signed_by(&[&secret]);
        let body = message.json();
        assert_eq!(message.id(), format!("evt_{}", body["data"]["id"]));
        assert_eq!(body["timestamp"], body["data"]["at"]);
        assert_eq!(message.header("content-type"), "application/json");
    }
    let deliveries = deliveries(&ada, &path, 4).await;
    for (delivery, message) in deliveries.iter().rev().zip(&received) {
        let body = message.json();
        let expected = json!({
            "message_id": message.id(), "type": body["type"], "event_id": body["data"]["id"],
            "image": body["data"]["image_id"], "delivered": true, "status": 204, "error": null, "tries": 1,
            "created_at": delivery["created_at"], "tried_at": delivery["tried_at"],
        });
        assert_eq!(*delivery, expected);
    }
    assert_eq!(receiver.most_at_once(), 1);
}

async fn an_event_is_tried_again_and_later_ones_wait(app: &TestApp) {
    let ada = app.user("ada").await;
    let receiver = Receiver::start().await;
    receiver.answer(500);
    let (path, secret) = registered(&ada, &receiver).await;
    ada.uploaded().await;
    ada.uploaded().await;
    let failed = &deliveries(&ada, &path, 1).await[0];
    assert_eq!(
        (&failed["delivered"], &failed["status"], &failed["tries"]),
        (&json!(false), &json!(500), &json!(1))
    );
    assert_eq!(failed["error"], "The host answered with status 500.");
    assert!(webhook(&ada).await["failing_since"].is_string());
    the_pause_is_over(app).await;
    let tries = async |tries: i64| deliveries(&ada, &path, 1).await[0]["tries"] == tries;
    until("it is tried again", async || tries(2).await).await;
    assert_eq!(deliveries(&ada, &path, 1).await.len(), 1, "the second event waits");
    receiver.answer(200);
    the_pause_is_over(app).await;
    let received = receiver.has(4).await;
    let ids: Vec<_> = received.iter().map(|message| message.id()).collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3], "{ids:?}");
    assert_eq!(received[0].json(), received[2].json());
    received[2].assert_signed_by(&[&secret]);
    let deliveries = deliveries(&ada, &path, 2).await;
    assert_eq!((&deliveries[0]["tries"], &deliveries[1]["tries"]), (&json!(1), &json!(3)));
    assert!(webhook(&ada).await["failing_since"].is_null());
}

async fn a_target_that_is_gone_gets_nothing_more_until_the_webhook_is_enabled(app: &TestApp) {
    let ada = app.user("ada").await;
    let receiver = Receiver::start().await;
    receiver.answer(410);
    let (path, _) = registered(&ada, &receiver).await;
    ada.uploaded().await;
    ada.uploaded().await;
    until("it is disabled", async || webhook(&ada).await["enabled"] == false).await;
    let reason = webhook(&ada).await["disabled_reason"].clone();
    assert_eq!(reason, "The host answered with status 410: it wants no more messages.");
    receiver.answer(204);
    ada.uploaded().await;
    let enabled = post(&ada, &format!("{path}enable/")).await;
    assert_eq!((enabled.status, &enabled.json()["enabled"]), (200, &json!(true)));
    assert_eq!(enabled.json(), webhook(&ada).await);
    let received = receiver.has(4).await;
    let ids: Vec<_> = received.iter().map(|message| message.id()).collect();
    assert_eq!(ids[0], ids[1], "the event that it refused, and then those that came later");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 3);
}

async fn a_webhook_that_fails_for_a_day_is_disabled(app: &TestApp) {
    let ada = app.user("ada").await;
    let receiver = Receiver::start().await;
    receiver.answer(503);
    let (path, _) = registered(&ada, &receiver).await;
    ada.uploaded().await;
    deliveries(&ada, &path, 1).await;
    let ago = chrono::Utc::now() - chrono::TimeDelta::hours(25);
    app.run_sql(&format!("UPDATE webhooks SET failing_since = '{}'", ago.format("%F %T"))).await;
    the_pause_is_over(app).await;
    until("it is disabled", async || webhook(&ada).await["enabled"] == false).await;
    let reason = webhook(&ada).await["disabled_reason"].clone();
    assert_eq!(reason, "No event could be delivered for 24 hours. The host answered with status 503.");
}

async fn both_secrets_sign_after_a_rotation(app: &TestApp) {
    let ada = app.user("ada").await;
    let receiver = Receiver::start().await;
    let (path, old) = registered(&ada, &receiver).await;
    let rotated = post(&ada, &format!("{path}rotate/")).await;
    assert_eq!((rotated.status, rotated.header("cache-control")), (200, "no-store"));
    let new = rotated.json()["secret"].as_str().expect("a secret").to_owned();
    assert_ne!(new, old);
    ada.uploaded().await;
    receiver.has(1).await[0].assert_signed_by(&[&new, &old]);
    app.run_sql("UPDATE webhooks SET old_secret_until = '2020-01-01 00:00:00'").await;
    ada.uploaded().await;
    receiver.has(2).await[1].assert_signed_by(&[&new]);
}

async fn a_test_is_sent_at_once(app: &TestApp) {
    let ada = app.user("ada").await;
    let receiver = Receiver::start().await;
    let (path, secret) = registered(&ada, &receiver).await;
    let answer = post(&ada, &format!("{path}test/")).await;
    let message = &receiver.received()[0];
    let expected = json!({ "message_id": message.id(), "delivered": true, "status": 204, "error": null });
    assert_eq!((answer.status, answer.json()), (200, expected));
    message.assert_signed_by(&[&secret]);
    assert_eq!(
        (&message.json()["type"], &message.json()["data"]["webhook"]),
        (&json!("test"), &webhook(&ada).await["id"])
    );
    receiver.answer(500);
    let failed = post(&ada, &format!("{path}test/")).await.json();
    assert_eq!((&failed["delivered"], &failed["status"]), (&json!(false), &json!(500)));
    assert!(webhook(&ada).await["failing_since"].is_null(), "a test changes nothing");
    let deliveries = deliveries(&ada, &path, 2).await;
    assert_eq!((&deliveries[0]["type"], &deliveries[0]["event_id"]), (&json!("test"), &Value::Null));
    assert_eq!((&deliveries[0]["delivered"], &deliveries[1]["delivered"]), (&json!(false), &json!(true)));
}

async fn a_silent_target_holds_up_no_other_webhook(app: &TestApp) {
    let ada = app.user("ada").await;
    let (silent, other) = (Receiver::start().await, Receiver::start().await);
    silent.never_answer();
    registered(&ada, &silent).await;
    registered(&ada, &other).await;
    ada.uploaded().await;
    ada.uploaded().await;
    silent.has(1).await;
    other.has(2).await;
    assert_eq!(silent.received().len(), 1, "it has not answered yet");
}

async fn a_deleted_user_hears_nothing_more(app: &TestApp) {
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let (of_ada, of_eve) = (Receiver::start().await, Receiver::start().await);
    registered(&ada, &of_ada).await;
    registered(&eve, &of_eve).await;
    ada.uploaded().await;
    of_ada.has(1).await;
    let delete = r#"{"current_password":"correct horse"}"#;
    assert_eq!(ada.with_json(reqwest::Method::DELETE, "/user/", delete).await.status, 204);
    until("upkeep has deleted the image, which is an event", async || {
        let events = app.backends.metadata.image_events(id(0), 1000).await.expect("reads");
        events.iter().any(|event| event.kind == ImageEventKind::Deleted)
    })
    .await;
    eve.uploaded().await;
    of_eve.has(1).await;
    // Ada's webhook would have been due for longer.
    assert_eq!(of_ada.received().len(), 1);
}

#[tokio::test]
async fn what_is_no_public_url_is_refused() {
    let app = TestApp::start_with(|settings| settings.webhook_targets = WebhookTargets::Public).await;
    let ada = app.user("ada").await;
    for (body, expected) in [
        ("{}", "This has to be a URL such as https://hooks.example/images."),
        (r#"{"url":7}"#, "This has to be a URL such as https://hooks.example/images."),
        (r#"{"url":"hooks"}"#, "This has to be a URL such as https://hooks.example/images."),
        (r#"{"url":"http://hooks.example/"}"#, "The URL has to begin with https://."),
        (r#"{"url":"https://10.0.0.1/"}"#, "The host of the URL has to have a public address."),
        (r#"{"url":"https://me:pw@hooks.example/"}"#, "The URL must not have a user name or a password."),
    ] {
        let refused = ada.post_json("/user/webhooks/", body).await;
        refused.assert_is(422, &json!({ "url": [expected] }).to_string());
    }
    assert_eq!(ada.post_json("/user/webhooks/", "{").await.status, 400);
    assert_eq!(ada.get("/user/webhooks/").await.json()["count"], 0);
}

#[tokio::test]
async fn no_more_than_two_tests_of_a_user_run_at_a_time() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let receiver = Receiver::start().await;
    receiver.never_answer();
    let (path, _) = registered(&ada, &receiver).await;
    let path = format!("{path}test/");
    let third = async {
        receiver.has(2).await;
        post(&ada, &path).await
    };
    tokio::select! {
        _ = post(&ada, &path) => panic!("the target has answered"),
        _ = post(&ada, &path) => panic!("the target has answered"),
        third = third => {
            let message = "The limit max_deliveries_per_user is 2 at a time, and you have 2 running.";
            third.assert_is(429, &json!({ "detail": message }).to_string());
        }
    }
}

#[tokio::test]
async fn a_shutdown_gives_its_webhooks_to_other_replicas() {
    on_services_with(
        |_| {},
        async |start| {
            let mut app = start.api().await;
            let receiver = Receiver::start().await;
            receiver.never_answer();
            let ada = app.user("ada").await;
            registered(&ada, &receiver).await;
            ada.uploaded().await;
            receiver.has(1).await;
            receiver.answer(204);
            app.stop();
            let other = start.api().await;
            // Well before the end of the lease.
            let received = receiver.has(2).await;
            assert_eq!(received[0].id(), received[1].id());
            drop(other);
        },
    )
    .await;
}

#[tokio::test]
async fn an_event_that_was_answered_while_the_database_was_away_is_not_sent_again() {
    database(async |url: Url| {
        let mut proxy = Proxy::to(&url);
        let through = proxy.url(url);
        proxy.open();
        let app =
            TestApp::start_with(|settings| settings.database = DatabaseUrl::Postgres(through.into())).await;
        let receiver = Receiver::start().await;
        let ada = app.user("ada").await;
        registered(&ada, &receiver).await;
        receiver.answer_later();
        ada.uploaded().await;
        ada.uploaded().await;
        receiver.has(1).await;
        proxy.close().await;
        receiver.answer(204);
        until("its absence is noticed", async || app.get("/readyz").await.status == 503).await;
        proxy.open();
        // Well before the end of the lease.
        let received = receiver.has(2).await;
        assert_ne!(received[0].id(), received[1].id());
    })
    .await;
}

#[tokio::test]
async fn replicas_never_deliver_for_one_webhook_at_the_same_time() {
    on_services_with(
        |_| {},
        async |start| {
            let apis = [start.api().await, start.api().await];
            let receiver = Receiver::start().await;
            let ada = apis[0].user("ada").await;
            let on_other = User::new(&apis[1], ada.token.clone());
            registered(&ada, &receiver).await;
            for round in 0..10 {
                [&ada, &on_other][round % 2].uploaded().await;
                tokio::join!(number(&apis[0]), number(&apis[1]));
            }
            let received = receiver.has(10).await;
            let ids: Vec<_> = received.iter().map(|message| message.json()["data"]["id"].as_i64()).collect();
            assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
            assert_eq!((receiver.most_at_once(), received.len()), (1, 10));
        },
    )
    .await;
}

async fn register(user: &User<'_>, url: &str) -> crate::helpers::Answer {
    user.post_json("/user/webhooks/", &json!({ "url": url }).to_string()).await
}

/// Registers a webhook, and returns its path and its secret.
async fn registered(user: &User<'_>, receiver: &Receiver) -> (String, String) {
    let answer = register(user, &receiver.url).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let webhook = answer.json();
    let secret = webhook["secret"].as_str().expect("a secret").to_owned();
    (format!("/user/webhooks/{}/", webhook["id"]), secret)
}

async fn post(user: &User<'_>, path: &str) -> crate::helpers::Answer {
    user.send(reqwest::Method::POST, path).await
}

/// The only webhook of a user.
async fn webhook(user: &User<'_>) -> Value {
    user.get("/user/webhooks/").await.json()["results"][0].clone()
}

/// The deliveries of a webhook, as soon as there are so many.
async fn deliveries(user: &User<'_>, path: &str, least: usize) -> Vec<Value> {
    let path = format!("{path}deliveries/");
    let list = async || user.get(&path).await.json()["results"].as_array().expect("a list").clone();
    until("the deliveries are recorded", async || list().await.len() >= least).await;
    list().await
}

/// Gives all events their numbers, as a task of every api does too.
async fn number(app: &TestApp) {
    app.backends.metadata.number_image_events(1000).await.expect("numbers");
}

/// Ends the pause of every webhook that waits for another try.
async fn the_pause_is_over(app: &TestApp) {
    app.run_sql("UPDATE webhooks SET due_at = '2020-01-01 00:00:00' WHERE due_at IS NOT NULL").await;
}
