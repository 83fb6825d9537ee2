//! Tests of events that pass from process to process, and to other services at the broker.

use serde_json::Value;

use crate::client::User;
use crate::pictures;
use crate::services::Services;
use crate::services::rabbitmq::{CONFIGURE, READ, WRITE};

#[tokio::test]
async fn other_services_hear_at_the_broker_what_happens_to_images() {
    let services = Services::new().await;
    let (_api, base) = services.api().await;
    services.broker.bind("a-service", "images.events", "image.*").await;
    services.broker.bind("of-failures", "images.events", "image.failed").await;
    let user = User::new(&base).await;
    let good = user.upload("photo.jpg", pictures::photo(400, 400)).await;
    let bad = user.upload("broken.webp", pictures::undecodable()).await;
    let _worker = services.worker();

    let messages = services.broker.until_messages("a-service", 4).await;
    let mut stories = [(&good, Vec::new()), (&bad, Vec::new())];
    for message in &messages {
        let payload = message["payload"].as_str().expect("a text");
        assert!(!payload.contains("http"), "{payload}");
        let event: Value = serde_json::from_str(payload).expect("JSON");
        let properties = &message["properties"];
        assert_eq!(properties["type"], message["routing_key"]);
        assert_eq!(message["routing_key"], format!("image.{}", event["type"].as_str().expect("a type")));
        assert_eq!(properties["message_id"], event["id"].to_string());
        assert_eq!(properties["correlation_id"], format!("image-{}", event["image_id"]));
        assert_eq!(event["user"], good["user"]);
        for (record, story) in &mut stories {
            if record["id"] == event["image_id"] {
                story.push(format!("{} {}", event["state"].as_str().expect("a state"), event["code"]));
            }
        }
    }
    let code = services.row(&bad).await.expect("a row").error_code.expect("a code");
    assert_eq!(stories[0].1, ["pending null", "ready null"]);
    assert_eq!(stories[1].1, ["pending null".to_owned(), format!("failed \"{}\"", code.name())]);
    let failures = services.broker.until_messages("of-failures", 1).await;
    assert_eq!(failures[0]["routing_key"], "image.failed");
}

#[tokio::test]
async fn a_stream_of_one_replica_tells_what_others_and_workers_do() {
    let services = Services::new().await;
    let ((_one, base), (_other, other_base)) = (services.api().await, services.api().await);
    let _worker = services.worker();
    let user = User::new(&base).await;
    let mut here = user.events().await;
    let mut elsewhere = user.at(&other_base).events().await;
    let record = user.upload("photo.jpg", pictures::photo(400, 400)).await;
    for stream in [&mut here, &mut elsewhere] {
        stream.until(&format!("\"type\":\"accepted\",\"image_id\":{}", record["id"])).await;
        stream.until(&format!("\"type\":\"ready\",\"image_id\":{}", record["id"])).await;
    }
}

#[tokio::test]
async fn whoever_has_no_permission_for_the_exchange_of_events_loses_only_that() {
    let services = Services::new().await;
    // Everything is there already: it was created by somebody who may.
    let administrator = services.api().await;
    services.broker.until_exchange("images.events").await;
    drop(administrator);
    let url = services.broker.user_who_may("^$", r"^amq\.default$", r"^images\.resize$").await;
    let (api, base) = services.api_with([("QUEUE_URL", &url)]).await;
    let worker = services.start("resizinator-worker", [("QUEUE_URL", &url)]);
    api.until_log_has("events of other processes come up to two seconds late").await;
    let user = User::new(&base).await;
    let mut stream = user.events().await;
    let record = user.upload("photo.jpg", pictures::photo(400, 400)).await;
    stream.until(&format!("\"type\":\"ready\",\"image_id\":{}", record["id"])).await;
    user.until_all_ready(&user.upload_photos(3).await).await;
    worker.until_log_has("events are not told of at the exchange images.events").await;
}

#[tokio::test]
async fn the_permissions_that_the_readme_names_are_enough_for_events() {
    let services = Services::new().await;
    let administrator = services.api().await;
    services.broker.bind("a-service", "images.events", "image.*").await;
    drop(administrator);
    let url = services.broker.user_who_may(CONFIGURE, WRITE, READ).await;
    let (api, base) = services.api_with([("QUEUE_URL", &url)]).await;
    let worker = services.start("resizinator-worker", [("QUEUE_URL", &url)]);
    let user = User::new(&base).await;
    user.until_all_ready(&user.upload_photos(1).await).await;
    services.broker.until_messages("a-service", 2).await;
    for process in [&api, &worker] {
        assert!(!process.log().contains("ACCESS_REFUSED"), "{}", process.log());
    }
}
