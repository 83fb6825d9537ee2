//! Tests of streams of events: `GET events/`.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::ids::{Generation, ImageEventId};
use resizinator_shared::metadata::ClaimOutcome;
use serde_json::Value;

use crate::helpers::{EventSource, TestApp, User, on_every_backend, on_services_with, send};

on_every_backend! {
    a_stream_tells_what_happens_to_images_in_order
    a_failure_is_told_with_its_code
    a_stream_goes_on_after_the_last_event_that_the_client_has
    a_user_hears_nothing_of_others
    a_client_that_may_have_missed_events_is_told_so
    a_slow_reader_misses_nothing
    old_events_are_removed
}

fn image_id(record: &Value) -> i64 {
    record["id"].as_i64().expect("a number")
}

async fn a_stream_tells_what_happens_to_images_in_order(app: &TestApp) {
    let ada = app.user("ada").await;
    let (mut stream, _) = EventSource::open(&ada, "/events/", None).await;
    let image = ada.uploaded().await;
    ada.process(&image).await;
    ada.delete(&format!("/image/{}/", image["id"])).await;
    let mut ids = Vec::new();
    for (name, state) in [("accepted", "pending"), ("ready", "ready"), ("deleted", "deleted")] {
        let event = stream.event().await;
        assert_eq!(event.event.as_deref(), Some(name));
        assert_eq!(event.data["id"], event.id.expect("an id"));
        assert_eq!((&event.data["type"], &event.data["state"]), (&name.into(), &state.into()));
        assert_eq!((&event.data["image_id"], &event.data["code"]), (&image["id"], &Value::Null));
        assert!(event.data["at"].as_str().expect("a time").ends_with('Z'));
        assert_eq!(event.data.as_object().expect("an object").len(), 6, "no URL, no secret: {event:?}");
        ids.push(event.id);
    }
    assert!(ids.is_sorted(), "{ids:?}");
}

async fn a_failure_is_told_with_its_code(app: &TestApp) {
    let ada = app.user("ada").await;
    let (mut stream, _) = EventSource::open(&ada, "/events/", None).await;
    let image = ada.uploaded().await;
    let id = image_id(&image).try_into().expect("an id");
    let user = image["user"].as_i64().expect("a number").try_into().expect("an id");
    let metadata = &app.backends.metadata;
    let claim =
        metadata.claim(id, user, Generation::FIRST, Duration::from_secs(60)).await.expect("an answer");
    let ClaimOutcome::Claimed(claimed) = claim else { panic!("{claim:?}") };
    assert!(
        metadata.finish_failed(&claimed, FailureCode::RenderTimeout, "It took too long.").await.expect("an answer")
    );
    assert_eq!(ada.post_json(&format!("/image/{}/retry/", image["id"]), "").await.status, 202);
    let (accepted, failed, again) = (stream.event().await, stream.event().await, stream.event().await);
    assert_eq!(accepted.event.as_deref(), Some("accepted"));
    assert_eq!((failed.event.as_deref(), &failed.data["code"]), (Some("failed"), &"render_timeout".into()));
    assert_eq!((again.event.as_deref(), &again.data["code"]), (Some("accepted"), &Value::Null));
}

async fn a_stream_goes_on_after_the_last_event_that_the_client_has(app: &TestApp) {
    let ada = app.user("ada").await;
    let (stream, beginning) = EventSource::open(&ada, "/events/", None).await;
    drop(stream);
    let mut expected = Vec::new();
    for _ in 0..3 {
        let image = ada.uploaded().await;
        ada.process(&image).await;
        expected.push(("accepted".to_owned(), image_id(&image)));
        expected.push(("ready".to_owned(), image_id(&image)));
    }
    let begun = beginning.id.expect("an id");
    // Nothing was told yet, and still nothing is missed.
    let (mut resumed, _) = EventSource::open(&ada, "/events/", Some(&begun.to_string())).await;
    let third = {
        let mut seen = resumed.events(2).await;
        let third = resumed.event().await;
        seen.push((third.event.clone().expect("a name"), third.data["image_id"].as_i64().expect("an id")));
        assert_eq!(seen, expected[..3]);
        third.id.expect("an id")
    };
    drop(resumed);
    let (mut by_header, _) = EventSource::open(&ada, "/events/?after=0", Some(&third.to_string())).await;
    let (mut by_query, _) = EventSource::open(&ada, &format!("/events/?after={third}"), None).await;
    assert_eq!(by_header.events(3).await, expected[3..]);
    assert_eq!(by_query.events(3).await, expected[3..]);
    let image = ada.uploaded().await;
    let last = vec![("accepted".to_owned(), image_id(&image))];
    assert_eq!((by_header.events(1).await, by_query.events(1).await), (last.clone(), last));
}

async fn a_user_hears_nothing_of_others(app: &TestApp) {
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let (mut stream, _) = EventSource::open(&eve, "/events/", None).await;
    let of_ada = ada.uploaded().await;
    ada.process(&of_ada).await;
    let own = eve.uploaded().await;
    assert_eq!(stream.events(1).await, [("accepted".to_owned(), image_id(&own))]);
    let (mut resumed, _) = EventSource::open(&eve, "/events/?after=0", None).await;
    assert_eq!(resumed.events(1).await, [("accepted".to_owned(), image_id(&own))]);
}

async fn a_client_that_may_have_missed_events_is_told_so(app: &TestApp) {
    let ada = app.user("ada").await;
    let image = ada.uploaded().await;
    let (mut stream, _) = EventSource::open(&ada, "/events/?after=0", None).await;
    let id = stream.event().await.id.expect("an id");
    for unknown in ["1000000", "x", "-1", ""] {
        let (mut stream, beginning) = EventSource::open(&ada, "/events/", Some(unknown)).await;
        let reset = stream.event().await;
        assert_eq!((reset.event.as_deref(), reset.id), (Some("reset"), beginning.id), "{unknown:?}");
        assert!(beginning.id >= Some(id));
    }
    app.backends.metadata.purge_image_events(Duration::ZERO, 1000).await.expect("removed");
    let (mut stream, _) = EventSource::open(&ada, "/events/?after=0", None).await;
    assert_eq!(stream.event().await.event.as_deref(), Some("reset"), "its events are gone");
    ada.process(&image).await;
    assert_eq!(stream.events(1).await, [("ready".to_owned(), image_id(&image))], "and it goes on");
}

async fn a_slow_reader_misses_nothing(app: &TestApp) {
    let ada = app.user("ada").await;
    let (mut stream, _) = EventSource::open(&ada, "/events/", None).await;
    let mut expected = Vec::new();
    for _ in 0..30 {
        let image = ada.uploaded().await;
        expected.push(("accepted".to_owned(), image_id(&image)));
    }
    let ids = expected.iter().map(|(_, id)| *id).collect::<Vec<_>>();
    let deleted = ada.post_json("/image/delete/", &serde_json::json!({ "ids": ids }).to_string()).await;
    assert_eq!(deleted.status, 200);
    assert_eq!(stream.events(30).await, expected);
    let mut deleted = stream.events(30).await;
    deleted.sort_by_key(|(_, id)| *id);
    assert_eq!(deleted, ids.iter().map(|id| ("deleted".to_owned(), *id)).collect::<Vec<_>>());
}

async fn old_events_are_removed(app: &TestApp) {
    let ada = app.user("ada").await;
    for _ in 0..3 {
        ada.uploaded().await;
    }
    let metadata = &app.backends.metadata;
    crate::helpers::until("the events are numbered", async || {
        metadata.image_event_range().await.expect("a range").newest.get() == 3
    })
    .await;
    assert_eq!(metadata.purge_image_events(Duration::from_secs(3600), 1000).await.expect("an answer"), 0);
    assert_eq!(metadata.purge_image_events(Duration::ZERO, 2).await.expect("an answer"), 2);
    assert_eq!(metadata.image_event_range().await.expect("a range").purged.get(), 2);
    let left = metadata.image_events(ImageEventId::try_from(0).expect("an id"), 10).await.expect("events");
    assert_eq!(left.iter().map(|event| event.id.get()).collect::<Vec<_>>(), [3]);
}

#[tokio::test]
async fn events_of_one_replica_are_told_by_another() {
    on_services_with(
        |_| {},
        async |start| {
            let (app, other) = (start.api().await, start.api().await);
            let ada = app.user("ada").await;
            let there = User::new(&other, ada.token.clone());
            let (mut here, _) = EventSource::open(&ada, "/events/", None).await;
            let (mut elsewhere, _) = EventSource::open(&there, "/events/", None).await;
            let images: Vec<Value> = join_all((0..20).map(|n| {
                let user = if n % 2 == 0 { &ada } else { &there };
                async move { user.uploaded().await }
            }))
            .await;
            join_all(images.iter().map(|image| there.process(image))).await;
            let (here, elsewhere) = tokio::join!(here.events(40), elsewhere.events(40));
            assert_eq!(here, elsewhere, "all replicas tell the same in the same order");
            for image in &images {
                let id = image_id(image);
                let of_image = here.iter().filter(|event| event.1 == id).map(|event| event.0.as_str());
                assert_eq!(of_image.collect::<Vec<_>>(), ["accepted", "ready"]);
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_stream_ends_soon_after_its_user_has_lost_access() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.user("ada").await, app.user("bob").await, app.user("eve").await);
    let (of_ada, _) = EventSource::open(&ada, "/events/", None).await;
    let (of_bob, _) = EventSource::open(&bob, "/events/", None).await;
    let (mut of_eve, _) = EventSource::open(&eve, "/events/", None).await;
    let begun = Instant::now();
    assert_eq!(ada.post_json("/user/logout/", "").await.status, 204);
    app.set_active("bob", false).await;
    tokio::join!(of_ada.end(), of_bob.end());
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    let image = eve.uploaded().await;
    assert_eq!(of_eve.events(1).await, [("accepted".to_owned(), image_id(&image))], "hers goes on");
}

#[tokio::test]
async fn a_shutdown_ends_streams_at_once_and_says_when_to_come_again() {
    let mut app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (stream, _) = EventSource::open(&ada, "/events/", None).await;
    let begun = Instant::now();
    app.stop();
    assert_eq!(stream.end().await.retry, Some(500));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_user_has_ten_streams_at_most() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(EventSource::open(&ada, "/events/", None).await);
    }
    let refused = ada.get("/events/").await;
    let detail = "There are 10 streams of events of this user, which is the limit.";
    refused.assert_is(429, &format!(r#"{{"detail":"{detail}"}}"#));
    assert_eq!(refused.header("retry-after"), "5");
    EventSource::open(&eve, "/events/", None).await;
    streams.pop();
    crate::helpers::until("the place is free again", async || {
        let request = ada.request(Method::GET, "/events/");
        request.send().await.expect("an answer").status() == 200
    })
    .await;
}

#[tokio::test]
async fn a_place_in_the_events_that_is_no_number_is_told() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for after in ["x", "-1", "", "1.5", "99999999999999999999"] {
        let answer = ada.get(&format!("/events/?after={after}")).await;
        let expected = r#"{"after":["Expected is the id of an event: a whole number from 0 on."]}"#;
        answer.assert_is(400, expected);
    }
}

#[tokio::test]
async fn a_stream_is_for_those_who_take_one() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let request = ada.request(Method::GET, "/events/").header("Accept", "application/json");
    assert_eq!(send(request).await.status, 406);
    assert_eq!(app.get("/events/").await.status, 401);
}
