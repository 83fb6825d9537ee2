//! What happens when the network has forgotten our connections without telling anybody, as a NAT does with those that
//! idle: no call, or hardly one, is lost to it. Needs the services of the other suites.
#![cfg(feature = "testing")]

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use resizinator_formats::Format;
use resizinator_shared::jobs::{JobQueue, RabbitOptions, RabbitQueue};
use resizinator_shared::metadata::MetadataStore;
use resizinator_shared::objects::{ObjectKey, ObjectStore, S3Store, SigningWindow};
use resizinator_shared::settings::{DatabaseUrl, Settings, StorageUrl};
use resizinator_shared::testing::deaf_proxy::DeafProxy;
use resizinator_shared::testing::jobs::{job, next, trace};
use resizinator_shared::testing::objects as objects_suite;

/// Longer than a connection to PostgreSQL may idle before it is probed.
const IDLE: Duration = Duration::from_secs(4);
/// The time within which a client gets its answer.
const SOON: Duration = Duration::from_secs(5);
/// Two heartbeats of RabbitMQ, and the time to connect again.
const LINK_RECOVERY: Duration = Duration::from_secs(30);
const MAX_BYTES: u64 = 1 << 20;

fn variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: `make test` starts the services and sets it"))
}

/// Makes a store whose eight connections go through a proxy.
async fn postgres() -> (MetadataStore, DeafProxy) {
    let url = variable("TEST_DATABASE_URL");
    let proxy = DeafProxy::to(&url).await;
    let store = MetadataStore::open(&DatabaseUrl::Postgres(proxy.url(&url))).expect("a store");
    for outcome in join_all((0..8).map(|_| store.check())).await {
        outcome.expect("the database answers");
    }
    assert_eq!(proxy.connections(), 8);
    (store, proxy)
}

/// Makes `calls` calls one after the other, and returns how many failed and how long the longest took.
async fn one_after_the_other(store: &MetadataStore, calls: usize) -> (usize, Duration) {
    let (mut failed, mut longest) = (0, Duration::ZERO);
    for _ in 0..calls {
        let begin = Instant::now();
        failed += usize::from(store.check().await.is_err());
        longest = longest.max(begin.elapsed());
    }
    (failed, longest)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_fails_when_idle_connections_to_postgres_were_forgotten() {
    let (store, proxy) = postgres().await;
    proxy.go_deaf();
    tokio::time::sleep(IDLE).await;
    let (failed, longest) = one_after_the_other(&store, 10).await;
    println!("{failed} calls failed; the longest took {longest:?}");
    assert_eq!(failed, 0);
    assert!(longest < Duration::from_secs(3), "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_after_idling_loses_no_call_either() {
    let (store, proxy) = postgres().await;
    proxy.go_deaf();
    tokio::time::sleep(IDLE).await;
    let begin = Instant::now();
    let failed = join_all((0..40).map(|_| store.check())).await.iter().filter(|call| call.is_err()).count();
    assert_eq!(failed, 0);
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_fails_when_busy_connections_to_postgres_were_forgotten() {
    let (store, proxy) = postgres().await;
    proxy.go_deaf();
    let (failed, longest) = one_after_the_other(&store, 10).await;
    println!("{failed} calls failed; the longest took {longest:?}");
    assert!(failed <= 1, "{failed} calls failed");
    assert!(longest < SOON, "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_connection_is_not_probed() {
    let (store, proxy) = postgres().await;
    let (failed, _) = one_after_the_other(&store, 200).await;
    assert_eq!((failed, proxy.connections()), (0, 8));
}

#[tokio::test(flavor = "multi_thread")]
async fn rabbitmq_recovers_in_bounded_time_and_no_job_is_lost() {
    let url = variable("TEST_QUEUE_URL");
    let proxy = DeafProxy::to(&url).await;
    let names = format!("test.{:016x}", rand::random::<u64>());
    let options = RabbitOptions {
        names: names.clone(),
        retry_delays: vec![Duration::from_millis(300)],
        application: "resizinator-test",
        ..RabbitOptions::default()
    };
    let queue = RabbitQueue::new(&proxy.url(&url), options).expect("a queue");
    let mut consumer = queue.consume(1).await.expect("a consumer");
    queue.publish(&job(1), &trace(1)).await.expect("published");
    next(&mut consumer).await.settle.ack().await.expect("acknowledged");

    proxy.go_deaf();
    let (begin, mut failed) = (Instant::now(), 0);
    // As upkeep does: what is not confirmed is published again.
    while queue.publish(&job(2), &trace(2)).await.is_err() {
        failed += 1;
        assert!(begin.elapsed() < LINK_RECOVERY, "{failed} publishes failed");
    }
    let published = begin.elapsed();
    let delivery = tokio::time::timeout(LINK_RECOVERY, consumer.next()).await.expect("the consumer is back");
    println!("{failed} publishes failed in {published:?}; delivered after {:?}", begin.elapsed());
    assert_eq!(delivery.job, job(2));
    delivery.settle.ack().await.expect("acknowledged");
    assert!(failed <= 10, "{failed} publishes failed");
    consumer.close().await;
    remove_queues(&names).await;
}

async fn remove_queues(names: &str) {
    let management = variable("TEST_RABBITMQ_MANAGEMENT_URL");
    let client = reqwest::Client::new();
    for queue in ["", ".failed", ".retry.300ms"] {
        let url = format!("{}/api/queues/%2F/{names}{queue}", management.trim_end_matches('/'));
        client.delete(url).send().await.expect("the management API answers");
    }
}

/// Makes a store in S3 whose connections go through a proxy, and which keeps a few of them.
async fn s3() -> (S3Store, DeafProxy, Vec<ObjectKey>) {
    let lookup = |name: &str| (name == "STORAGE_URL").then(|| variable("TEST_STORAGE_URL"));
    let StorageUrl::S3(location) = Settings::from_lookup(lookup).expect("TEST_STORAGE_URL").storage else {
        panic!("TEST_STORAGE_URL names no bucket")
    };
    let mut location = *location;
    let server = location.endpoint.expect("TEST_STORAGE_URL names an endpoint");
    let proxy = DeafProxy::to(server.as_str()).await;
    location.endpoint = Some(proxy.url(server.as_str()).parse().expect("a URL"));
    location.prefix += &format!("test-{:032x}/", rand::random::<u128>());
    let store = S3Store::new(location, SigningWindow::new(Duration::from_secs(3600))).expect("a store");
    let keys: Vec<_> = (0..8).map(|_| ObjectKey::original(&objects_suite::image(Format::Jpeg))).collect();
    let bytes = objects_suite::bytes(50_000, 1);
    for outcome in join_all(keys.iter().map(|key| store.put(key, objects_suite::in_memory(&bytes)))).await {
        outcome.expect("put");
    }
    assert!(proxy.connections() >= 4, "{} connections", proxy.connections());
    (store, proxy, keys)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_fails_when_connections_to_s3_were_forgotten() {
    let (store, proxy, keys) = s3().await;
    let (old, new) = (objects_suite::bytes(50_000, 1), objects_suite::bytes(50_000, 2));
    // Each kind of call meets a dead connection first.
    proxy.go_deaf();
    let begin = Instant::now();
    store.check().await.expect("check");
    assert_eq!(objects_suite::get(&store, &keys[0], MAX_BYTES).await.expect("get"), old);
    store.put(&keys[1], objects_suite::in_file(&new)).await.expect("put");
    assert_eq!(store.list("", 100).await.expect("list").len(), keys.len());
    println!("four calls over dead connections took {:?}", begin.elapsed());
    assert_eq!(objects_suite::get(&store, &keys[1], MAX_BYTES).await.expect("get"), new);
    let begin = Instant::now();
    store.delete(&keys).await.expect("delete");
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
}
