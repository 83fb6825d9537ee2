//! Tests of the messages that a person sees at the broker.

use serde_json::{Value, json};

use crate::client::User;
use crate::eventually::eventually;
use crate::pictures;
use crate::services::Services;
use crate::services::rabbitmq::{FAILED, MAIN};

#[tokio::test]
async fn queues_and_messages_can_be_understood_at_the_broker() {
    let services = Services::new().await;
    let (_api, base) = services.api().await;
    let user = User::new(&base).await;
    let record = user.upload("photo.jpg", pictures::photo(400, 400)).await;

    let messages = services.broker.until_messages(MAIN, 1).await;
    let queues = eventually("the api listens to events too", async || {
        let queues = services.broker.queues().await;
        (queues.len() == 4).then_some(queues)
    })
    .await;
    assert!(queues[0].starts_with("images.events.resizinator-api@"), "{queues:?}");
    assert_eq!(queues[1..], [MAIN, FAILED, "images.resize.retry.1s"]);
    let properties = &messages[0]["properties"];
    assert_eq!(properties["type"], "image.resize");
    assert_eq!(properties["app_id"], "resizinator-api");
    assert_eq!(properties["content_type"], "application/json");
    assert_eq!(properties["delivery_mode"], 2);
    assert_eq!(properties["correlation_id"], format!("image-{}", record["id"]));
    assert!(properties["message_id"].is_string() && properties["timestamp"].is_number(), "{properties}");
    assert_eq!(properties["headers"]["x-attempt"], 0);
    let body: Value = serde_json::from_str(messages[0]["payload"].as_str().expect("text")).expect("JSON");
    let expected =
        json!({ "version": 1, "image_id": record["id"], "user_id": record["user"], "generation": 1 });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_message_that_is_no_job_goes_to_the_failed_queue_and_the_worker_goes_on() {
    let services = Services::new().await;
    let ((_api, base), _worker) = (services.api().await, services.worker());
    let user = User::new(&base).await;
    services.broker.publish(MAIN, json!({ "message_id": "garbage" }), "{\"to be\": or not").await;
    let future = r#"{"version":99,"image_id":1,"user_id":1,"generation":1}"#;
    services.broker.publish(MAIN, json!({ "type": "image.resize" }), future).await;

    let ids = user.upload_photos(2).await;
    user.until_all_ready(&ids).await;
    let failed = services.broker.until_messages(FAILED, 2).await;
    for message in &failed {
        let headers = &message["properties"]["headers"];
        assert_eq!(headers["x-error-code"], "not_a_job");
        assert!(headers["x-error-detail"].is_string() && headers["x-host"].is_string(), "{headers}");
    }
}

#[tokio::test]
async fn a_thousand_wrong_messages_do_no_harm() {
    let services = Services::new().await;
    let ((_api, base), mut worker) = (services.api().await, services.worker());
    let user = User::new(&base).await;
    let record = user.upload("photo.jpg", pictures::photo(64, 64)).await;
    let (owner, id) = (record["user"].as_i64().expect("a user"), record["id"].as_i64().expect("an id"));
    user.until_ready(id).await;
    let before = services.row(&record).await.expect("the row");

    let job = |image, user, generation| {
        json!({ "version": 1, "image_id": image, "user_id": user, "generation": generation }).to_string()
    };
    let of_another_type = json!({ "type": "invoice" });
    let ours = json!({ "type": "image.resize" });
    let wrong = [
        (&ours, "no JSON".to_owned()),
        (&of_another_type, job(id, owner, 1)),
        (&ours, job(id + 1_000_000, owner, 1)),
        (&ours, job(id, owner + 1, 1)),
        (&ours, job(id, owner, 7)),
    ];
    for _ in 0..200 {
        for (properties, payload) in &wrong {
            services.broker.publish(MAIN, (*properties).clone(), payload).await;
        }
    }
    user.until_all_ready(&user.upload_photos(2).await).await;
    // The messages of the first two kinds cannot be read.
    eventually("400 messages have failed", async || {
        (services.broker.ready(FAILED).await == 400).then_some(())
    })
    .await;
    eventually("nothing waits", async || (services.broker.ready(MAIN).await == 0).then_some(())).await;
    assert_eq!(services.row(&record).await.expect("the row"), before);
    assert!(worker.terminate().await.success());
}

#[tokio::test]
async fn the_job_of_a_file_that_does_not_decode_lies_in_the_failed_queue_with_the_reason() {
    let services = Services::new().await;
    let ((_api, base), _worker) = (services.api().await, services.worker());
    let user = User::new(&base).await;
    let record = user.upload("broken.webp", pictures::undecodable()).await;

    let failed = services.broker.until_messages(FAILED, 1).await;
    let row = services.row(&record).await.expect("the row");
    let headers = &failed[0]["properties"]["headers"];
    assert_eq!(headers["x-error-code"], row.error_code.expect("a code").name());
    assert_eq!(headers["x-error-detail"], row.error_detail.expect("a detail"));
    assert!(user.record(record["id"].as_i64().expect("an id")).await.expect("the record")["small"].is_null());
}
