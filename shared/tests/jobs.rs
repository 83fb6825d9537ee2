//! The behaviour suite of the job queue on both implementations, and what only a broker can do
//! to its clients. Needs a RabbitMQ: `TEST_QUEUE_URL` and `TEST_RABBITMQ_MANAGEMENT_URL`.
#![cfg(feature = "testing")]

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::join_all;
use reqwest::{Client, Method};
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::jobs::{Depth, InProcessQueue, JobQueue, RabbitOptions, RabbitQueue};
use resizinator_shared::testing::jobs::{self as suite, RETRY_DELAY, depth_becomes, job, next, trace};
use resizinator_shared::trace::Trace;
use serde_json::{Value, json};

macro_rules! on_both_queues {
    ($($behaviour:ident),+ $(,)?) => {
        mod in_process {
            use super::*;
            $(#[tokio::test] async fn $behaviour() {
                suite::$behaviour(&InProcessQueue::new(vec![RETRY_DELAY])).await;
            })+
        }
        mod rabbitmq {
            use super::*;
            $(#[tokio::test] async fn $behaviour() {
                with_broker(async |broker| suite::$behaviour(&*broker.queue()).await).await;
            })+
        }
    };
}

on_both_queues! {
    a_published_job_arrives_whole,
    one_consumer_sees_jobs_in_order,
    prefetch_bounds_unsettled_deliveries,
    an_acknowledged_job_is_gone,
    a_job_handed_back_comes_again,
    a_dropped_delivery_comes_again,
    a_retry_comes_after_its_delay,
    a_job_keeps_the_ids_of_its_request,
    a_failed_job_does_not_come_again,
    depth_counts_ready_jobs,
    two_consumers_share_the_jobs,
    a_cancelled_next_loses_no_job,
    closing_hands_back_what_was_not_taken,
    a_thousand_jobs_published_at_once_all_arrive,
}

#[tokio::test]
async fn a_deleted_queue_is_created_again_by_publisher_and_consumer() {
    with_broker(async |broker| {
        let queue = broker.queue();
        let mut consumer = queue.consume(2).await.expect("consume");
        queue.publish(&job(1), &trace(1)).await.expect("publish");
        next(&mut consumer).await.settle.ack().await.expect("ack");
        let first = queue.last_created().expect("created at first");
        broker.delete(&broker.names).await;
        queue.publish(&job(2), &trace(2)).await.expect("publish into a deleted queue");
        assert_eq!(next(&mut consumer).await.job, job(2));
        assert!(queue.last_created().expect("created again") > first);
    })
    .await;
}

#[tokio::test]
async fn a_consumer_that_the_broker_forgot_subscribes_again() {
    with_broker(async |broker| {
        let queue = broker.queue();
        let mut consumer = queue.consume(1).await.expect("consume");
        queue.publish(&job(1), &trace(1)).await.expect("publish");
        next(&mut consumer).await.settle.ack().await.expect("ack");
        // So quickly that RabbitMQ 3.10 does not cancel the consumer, and loses its first message.
        broker.delete(&broker.names).await;
        broker.create(&broker.names).await;
        let mut missing: HashSet<_> = [2, 3].map(job).into();
        for id in [2, 3] {
            queue.publish(&job(id), &trace(id)).await.expect("publish");
        }
        while !missing.is_empty() {
            let delivery = next(&mut consumer).await;
            missing.remove(&delivery.job);
            delivery.settle.ack().await.expect("ack");
        }
    })
    .await;
}

#[tokio::test]
async fn publisher_and_consumer_survive_the_loss_of_their_connections() {
    with_broker(async |broker| {
        let queue = broker.queue();
        let mut consumer = queue.consume(1).await.expect("consume");
        queue.publish(&job(1), &trace(1)).await.expect("publish");
        let held = next(&mut consumer).await;
        broker.close_connections().await;
        let again = next(&mut consumer).await;
        assert_eq!((again.job, again.redelivered), (job(1), true));
        held.settle.ack().await.expect_err("an ack of a connection that is gone");
        again.settle.ack().await.expect("ack");
        publish_until_taken(&*queue, 2).await;
        assert_eq!(next(&mut consumer).await.job, job(2));
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_no_job_goes_to_the_failed_queue() {
    with_broker(async |broker| {
        let queue = broker.queue();
        queue.check().await.expect("check");
        let wrong_type = json!({"type": "mail.send", "message_id": "m-1"});
        broker.publish(wrong_type, r#"{"version":1,"image_id":1,"user_id":1,"generation":1}"#).await;
        broker.publish(json!({"type": "image.resize"}), "not even JSON").await;
        let version = r#"{"version":99,"image_id":1,"user_id":1,"generation":1}"#;
        broker.publish(json!({"type": "image.resize"}), version).await;
        queue.publish(&job(5), &trace(5)).await.expect("publish");
        let mut consumer = queue.consume(1).await.expect("consume");
        let delivery = next(&mut consumer).await;
        assert_eq!(delivery.job, job(5));
        delivery.settle.ack().await.expect("ack");
        depth_becomes(&*queue, Depth { failed: 3, ..Depth::default() }).await;
        let buried = broker.get(&format!("{}.failed", broker.names)).await;
        assert_eq!(buried["properties"]["type"], "mail.send");
        assert_eq!(buried["properties"]["message_id"], "m-1");
        let headers = &buried["properties"]["headers"];
        assert_eq!(headers["x-error-code"], "not_a_job");
        assert!(
            headers["x-error-detail"].as_str().is_some_and(|detail| detail.contains("mail.send")),
            "{headers}"
        );
    })
    .await;
}

#[tokio::test]
async fn headers_that_are_no_ids_of_a_request_are_dropped() {
    with_broker(async |broker| {
        let queue = broker.queue();
        queue.check().await.expect("check");
        let payload = r#"{"version":1,"image_id":7,"user_id":3,"generation":2}"#;
        for headers in [
            json!({"x-request-id": "a\nforged line", "traceparent": "00-short"}),
            json!({"x-request-id": "x".repeat(50_000), "traceparent": ["a", "list"]}),
            json!({"x-request-id": 7, "traceparent": {"a": "table"}, "foreign": "junk"}),
        ] {
            broker.publish(json!({"type": "image.resize", "headers": headers}), payload).await;
        }
        let mut consumer = queue.consume(1).await.expect("consume");
        for _ in 0..3 {
            let delivery = next(&mut consumer).await;
            assert_eq!((delivery.job, delivery.trace), (job(7), Trace::default()));
            let error = FailureCode::DecodeFailed;
            delivery.settle.fail(error, "It is damaged.").await.expect("fail");
        }
        let buried = broker.get(&format!("{}.failed", broker.names)).await;
        let headers = buried["properties"]["headers"].as_object().expect("headers");
        // A quorum queue counts deliveries in a header of its own.
        let ours = headers.keys().filter(|name| *name != "x-delivery-count");
        let names: Vec<_> = ours.map(String::as_str).collect();
        assert_eq!(names, ["x-attempt", "x-error-code", "x-error-detail", "x-failed-at", "x-host"]);
    })
    .await;
}

#[tokio::test]
async fn a_message_explains_itself_in_the_management_ui() {
    with_broker(async |broker| {
        let queue = broker.queue();
        queue.publish(&job(7), &trace(7)).await.expect("publish");
        let message = broker.get(&broker.names).await;
        let properties = &message["properties"];
        assert_eq!(message["payload"], r#"{"version":1,"image_id":7,"user_id":3,"generation":2}"#);
        assert_eq!(properties["type"], "image.resize");
        assert_eq!(properties["app_id"], broker.application);
        assert_eq!(properties["correlation_id"], "image-7");
        assert!(
            properties["message_id"].as_str().is_some_and(|id| id.starts_with("image-7-g2-")),
            "{properties}"
        );
        assert_eq!(
            (&properties["delivery_mode"], &properties["content_type"]),
            (&json!(2), &json!("application/json"))
        );
        assert!(
            properties["timestamp"].as_u64().is_some_and(|seconds| seconds > 1_700_000_000),
            "{properties}"
        );
        let headers = &properties["headers"];
        assert_eq!((&headers["x-attempt"], &headers["x-request-id"]), (&json!(0), &json!("story-7")));
        assert_eq!(headers["traceparent"], "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000007-01");
    })
    .await;
}

#[tokio::test]
async fn a_failed_message_tells_its_attempts_and_its_error() {
    with_broker(async |broker| {
        let queue = broker.queue();
        queue.publish(&job(7), &trace(7)).await.expect("publish");
        let mut consumer = queue.consume(1).await.expect("consume");
        for _ in 0..2 {
            let delivery = next(&mut consumer).await;
            delivery.settle.retry(RETRY_DELAY, "the store is away").await.expect("retry");
        }
        next(&mut consumer)
            .await
            .settle
            .fail(FailureCode::VariantTooLarge, &"ö".repeat(200_000))
            .await
            .expect("fail");
        let headers = broker.get(&format!("{}.failed", broker.names)).await["properties"]["headers"].clone();
        assert_eq!(
            (&headers["x-attempt"], &headers["x-error-code"]),
            (&json!(2), &json!("variant_too_large"))
        );
        assert!(
            headers["x-host"].as_str().is_some_and(|host| host.starts_with(broker.application)),
            "{headers}"
        );
        assert!(headers["x-failed-at"].is_string(), "{headers}");
        assert_eq!(headers["x-request-id"], "story-7");
        assert_eq!(headers["traceparent"], "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000007-01");
    })
    .await;
}

#[tokio::test]
async fn a_broker_that_is_away_fails_a_publish_quickly() {
    for url in ["amqp://127.0.0.1:1", "amqp://192.0.2.1"] {
        let queue = RabbitQueue::new(url, RabbitOptions::default()).expect("the URL is a good one");
        for _ in 0..3 {
            let asked = Instant::now();
            queue.publish(&job(1), &trace(1)).await.expect_err("nobody is there");
            assert!(asked.elapsed() < Duration::from_secs(2), "took {:?}", asked.elapsed());
        }
        queue.check().await.expect_err("nobody is there");
        queue.depth().await.expect_err("nobody is there");
    }
}

/// Prints how many publishes a second are confirmed; `cargo test --release -- --ignored`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn confirmed_publishes_a_second() {
    with_broker(async |broker| {
        let queue = broker.queue();
        queue.check().await.expect("check");
        for at_once in [1_i64, 10, 100, 1_000] {
            let (rounds, began) = ((2_000 / at_once).max(5), Instant::now());
            for _ in 0..rounds {
                let jobs: Vec<_> = (1..=at_once).map(|id| (job(id), trace(id))).collect();
                for outcome in join_all(jobs.iter().map(|(job, trace)| queue.publish(job, trace))).await {
                    outcome.expect("publish");
                }
            }
            let rate = (rounds * at_once) as f64 / began.elapsed().as_secs_f64();
            println!("{at_once:>5} at once: {rate:.0} confirmed a second");
        }
    })
    .await;
}

async fn publish_until_taken(queue: &dyn JobQueue, image_id: i64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while let Err(error) = queue.publish(&job(image_id), &trace(image_id)).await {
        assert!(Instant::now() < deadline, "the publisher does not come back: {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Runs a test with queues of its own, and removes them whatever its outcome.
async fn with_broker(test: impl AsyncFnOnce(&Broker)) {
    let broker = Broker::from_environment();
    let outcome = AssertUnwindSafe(test(&broker)).catch_unwind().await;
    for queue in ["", ".failed", ".retry.300ms", ".retry.5s"] {
        broker.delete(&format!("{}{queue}", broker.names)).await;
    }
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// A real RabbitMQ, looked at through its management API.
struct Broker {
    names: String,
    /// Tells our connections from those of the tests beside us.
    application: &'static str,
    url: String,
    management: String,
    client: Client,
}

impl Broker {
    fn from_environment() -> Self {
        let variable = |name: &str, example: &str| {
            std::env::var(name)
                .unwrap_or_else(|_| panic!("{name} is not set: these tests need a RabbitMQ ({example})"))
        };
        let management = variable("TEST_RABBITMQ_MANAGEMENT_URL", "http://user:password@127.0.0.1:15672");
        let run = rand::random::<u64>();
        Self {
            names: format!("test.{run:016x}"),
            application: format!("resizinator-test-{run:016x}").leak(),
            url: variable("TEST_QUEUE_URL", "amqp://user:password@127.0.0.1:5672"),
            management: management.trim_end_matches('/').to_owned(),
            client: Client::new(),
        }
    }

    fn queue(&self) -> Arc<RabbitQueue> {
        let retry_delays = vec![RETRY_DELAY, Duration::from_secs(5)];
        let options = RabbitOptions {
            names: self.names.clone(),
            retry_delays,
            application: self.application,
            ..RabbitOptions::default()
        };
        Arc::new(RabbitQueue::new(&self.url, options).expect("TEST_QUEUE_URL"))
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.client.request(method, format!("{}/api/{path}", self.management));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("TEST_RABBITMQ_MANAGEMENT_URL answers");
        let text = answer.text().await.expect("an answer");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    async fn delete(&self, queue: &str) {
        self.call(Method::DELETE, &format!("queues/%2F/{queue}"), None).await;
    }

    async fn create(&self, queue: &str) {
        let body = json!({"durable": true, "arguments": {"x-queue-type": "quorum"}});
        self.call(Method::PUT, &format!("queues/%2F/{queue}"), Some(body)).await;
    }

    async fn publish(&self, properties: Value, payload: &str) {
        let body = json!({
            "properties": properties, "routing_key": self.names, "payload": payload, "payload_encoding": "string",
        });
        let answer = self.call(Method::POST, "exchanges/%2F/amq.default/publish", Some(body)).await;
        assert_eq!(answer["routed"], true, "{answer}");
    }

    /// The oldest message; leaves it in the queue.
    async fn get(&self, queue: &str) -> Value {
        let body = json!({"count": 1, "ackmode": "ack_requeue_true", "encoding": "auto"});
        let answer = self.call(Method::POST, &format!("queues/%2F/{queue}/get"), Some(body)).await;
        assert!(answer[0].is_object(), "{queue}: {answer}");
        answer[0].clone()
    }

    /// Closes both connections of our queue; the management API learns of them after some seconds.
    async fn close_connections(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut closed = HashSet::new();
        while closed.len() < 2 {
            assert!(Instant::now() < deadline, "one to publish and one to consume, not {closed:?}");
            let all = self.call(Method::GET, "connections", None).await;
            for connection in all.as_array().into_iter().flatten() {
                let named = connection["client_properties"]["connection_name"].as_str().unwrap_or_default();
                let name = connection["name"].as_str().unwrap_or_default();
                if named.starts_with(self.application) && closed.insert(named.to_owned()) {
                    let name = name.replace(' ', "%20").replace('>', "%3E");
                    self.call(Method::DELETE, &format!("connections/{name}"), None).await;
                }
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
