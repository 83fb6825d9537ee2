//! The behaviours of every job queue. Each function needs an empty queue whose shortest retry delay is [`RETRY_DELAY`],
//! and panics if the queue behaves differently.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};

use super::{generation, id};
use crate::failure_code::FailureCode;
use crate::jobs::{Delivery, Depth, JobConsumer, JobQueue};
use crate::resize_job::{RESIZE_JOB_VERSION, ResizeJob};
use crate::trace::Trace;

/// The retry delay that the queue under test has to have.
pub const RETRY_DELAY: Duration = Duration::from_millis(300);

/// How long a test waits for anything. It is longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a test waits to be sure that no delivery comes.
const SILENCE: Duration = Duration::from_millis(400);

/// Makes a job for the image with this id, which has to be positive.
pub fn job(image_id: i64) -> ResizeJob {
    let (image_id, user_id, generation) = (id(image_id), id(3), generation(2));
    ResizeJob { version: RESIZE_JOB_VERSION, image_id, user_id, generation }
}

/// The ids of the request from which the image of [`job`] with this number comes.
pub fn trace(image_id: i64) -> Trace {
    let parent = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{image_id:016x}-01");
    Trace { request_id: format!("story-{image_id}").parse().ok(), parent: parent.parse().ok() }
}

/// Waits for the next delivery, which has to come soon.
pub async fn next(consumer: &mut Box<dyn JobConsumer>) -> Delivery {
    timeout(PATIENCE, consumer.next()).await.expect("a delivery should come")
}

/// Waits until the queue has this depth.
pub async fn depth_becomes(queue: &dyn JobQueue, wanted: Depth) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let depth = queue.depth().await.expect("depth");
        if depth == wanted {
            return;
        }
        assert!(Instant::now() < deadline, "the depth stays {depth:?}, not {wanted:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn publish(queue: &dyn JobQueue, ids: impl IntoIterator<Item = i64>) {
    for id in ids {
        queue.publish(&job(id), &trace(id)).await.expect("publish");
    }
}

async fn consume(queue: &dyn JobQueue, prefetch: u16) -> Box<dyn JobConsumer> {
    queue.consume(prefetch).await.expect("consume")
}

async fn nothing_comes(consumer: &mut Box<dyn JobConsumer>) {
    let came = timeout(SILENCE, consumer.next()).await.map(|delivery| delivery.job);
    assert!(came.is_err(), "{came:?} should not have come");
}

fn ready(ready: u64) -> Depth {
    Depth { ready, ..Depth::default() }
}

/// A published job arrives unchanged and is marked as delivered for the first time.
pub async fn a_published_job_arrives_whole(queue: &dyn JobQueue) {
    queue.check().await.expect("check");
    publish(queue, [7]).await;
    let delivery = next(&mut consume(queue, 1).await).await;
    assert_eq!((delivery.job, delivery.redelivered), (job(7), false));
    assert_eq!(delivery.trace, trace(7));
    assert!(queue.last_created().is_some());
}

/// One consumer gets the jobs in the order in which they were published.
pub async fn one_consumer_sees_jobs_in_order(queue: &dyn JobQueue) {
    publish(queue, 1..=20).await;
    let mut consumer = consume(queue, 4).await;
    for number in 1..=20 {
        let delivery = next(&mut consumer).await;
        assert_eq!(delivery.job, job(number));
        delivery.settle.ack().await.expect("ack");
    }
}

/// No more deliveries are unsettled than the prefetch allows. When one is settled, the next one comes.
pub async fn prefetch_bounds_unsettled_deliveries(queue: &dyn JobQueue) {
    publish(queue, 1..=5).await;
    let mut consumer = consume(queue, 2).await;
    let (first, _second) = (next(&mut consumer).await, next(&mut consumer).await);
    nothing_comes(&mut consumer).await;
    first.settle.ack().await.expect("ack");
    assert_eq!(next(&mut consumer).await.job, job(3));
}

/// An acknowledged job is gone, for other consumers too.
pub async fn an_acknowledged_job_is_gone(queue: &dyn JobQueue) {
    publish(queue, [1]).await;
    let mut consumer = consume(queue, 1).await;
    next(&mut consumer).await.settle.ack().await.expect("ack");
    consumer.close().await;
    depth_becomes(queue, Depth::default()).await;
    nothing_comes(&mut consume(queue, 1).await).await;
}

/// A job that is handed back comes again at once, marked as redelivered.
pub async fn a_job_handed_back_comes_again(queue: &dyn JobQueue) {
    publish(queue, [1]).await;
    let mut consumer = consume(queue, 1).await;
    for _ in 0..3 {
        next(&mut consumer).await.settle.hand_back().await.expect("hand back");
    }
    let again = next(&mut consumer).await;
    assert_eq!((again.job, again.redelivered), (job(1), true));
}

/// A delivery that is dropped before it is settled comes again.
pub async fn a_dropped_delivery_comes_again(queue: &dyn JobQueue) {
    publish(queue, [1]).await;
    let mut consumer = consume(queue, 1).await;
    drop(next(&mut consumer).await);
    let again = next(&mut consumer).await;
    assert_eq!((again.job, again.redelivered), (job(1), true));
}

/// A retry comes back after its delay and not before.
pub async fn a_retry_comes_after_its_delay(queue: &dyn JobQueue) {
    publish(queue, [1]).await;
    let mut consumer = consume(queue, 1).await;
    let delivery = next(&mut consumer).await;
    let asked = Instant::now();
    delivery.settle.retry(Duration::from_millis(1), "the store is away").await.expect("retry");
    depth_becomes(queue, Depth { retrying: 1, ..Depth::default() }).await;
    let again = next(&mut consumer).await;
    assert_eq!(again.job, job(1));
    // The broker's clock counts whole milliseconds.
    let waited = asked.elapsed() + Duration::from_millis(5);
    assert!(waited >= RETRY_DELAY, "came after {waited:?}");
    again.settle.ack().await.expect("ack");
    depth_becomes(queue, Depth::default()).await;
}

/// The ids of its request stay with a job that is retried, handed back or dropped, and a job without them has none.
pub async fn a_job_keeps_the_ids_of_its_request(queue: &dyn JobQueue) {
    publish(queue, [1]).await;
    let mut consumer = consume(queue, 1).await;
    next(&mut consumer).await.settle.retry(RETRY_DELAY, "the store is away").await.expect("retry");
    let retried = next(&mut consumer).await;
    assert_eq!(retried.trace, trace(1));
    retried.settle.hand_back().await.expect("hand back");
    let handed_back = next(&mut consumer).await;
    assert_eq!(handed_back.trace, trace(1));
    drop(handed_back);
    let dropped = next(&mut consumer).await;
    assert_eq!(dropped.trace, trace(1));
    dropped.settle.ack().await.expect("ack");

    let without = Trace::default();
    queue.publish(&job(2), &without).await.expect("publish");
    assert_eq!(next(&mut consumer).await.trace, without);
}

/// A failed job counts as failed and never comes again.
pub async fn a_failed_job_does_not_come_again(queue: &dyn JobQueue) {
    publish(queue, [1]).await;
    let mut consumer = consume(queue, 1).await;
    next(&mut consumer).await.settle.fail(FailureCode::DecodeFailed, "It is damaged.").await.expect("fail");
    depth_becomes(queue, Depth { failed: 1, ..Depth::default() }).await;
    nothing_comes(&mut consumer).await;
}

/// The depth counts the ready jobs, and not those that consumers hold.
pub async fn depth_counts_ready_jobs(queue: &dyn JobQueue) {
    publish(queue, 1..=4).await;
    depth_becomes(queue, ready(4)).await;
    let mut consumer = consume(queue, 1).await;
    let held = next(&mut consumer).await;
    depth_becomes(queue, ready(3)).await;
    drop(held);
}

/// Two consumers get each job once between them, and both get some.
pub async fn two_consumers_share_the_jobs(queue: &dyn JobQueue) {
    let (mut one, mut other) = (consume(queue, 1).await, consume(queue, 1).await);
    publish(queue, 1..=2).await;
    let (first, second) = tokio::join!(next(&mut one), next(&mut other));
    assert_eq!(HashSet::from([first.job, second.job]), HashSet::from([job(1), job(2)]));
}

/// A `next` that is cancelled loses no job.
pub async fn a_cancelled_next_loses_no_job(queue: &dyn JobQueue) {
    let mut consumer = consume(queue, 1).await;
    for number in 1..=10_u8 {
        // Each is cancelled at a different point: while it connects, subscribes or waits.
        let given_up = timeout(Duration::from_millis(u64::from(number - 1) * 3), consumer.next()).await;
        assert!(given_up.is_err(), "nothing has been published");
        let number = i64::from(number);
        publish(queue, [number]).await;
        let delivery = next(&mut consumer).await;
        assert_eq!(delivery.job, job(number));
        delivery.settle.ack().await.expect("ack");
    }
}

/// A consumer that closes hands back the jobs that `next` has not returned. Those that it has returned can still be
/// settled.
pub async fn closing_hands_back_what_was_not_taken(queue: &dyn JobQueue) {
    publish(queue, 1..=5).await;
    let mut consumer = consume(queue, 4).await;
    let held = next(&mut consumer).await;
    consumer.close().await;
    depth_becomes(queue, ready(4)).await;
    held.settle.ack().await.expect("an ack after closing");
    let mut rest = consume(queue, 4).await;
    let mut jobs = HashSet::new();
    for _ in 0..4 {
        let delivery = next(&mut rest).await;
        jobs.insert(delivery.job);
        delivery.settle.ack().await.expect("ack");
    }
    assert_eq!(jobs, HashSet::from([2, 3, 4, 5].map(job)));
    nothing_comes(&mut rest).await;
}

/// A thousand jobs that are published at the same time all arrive, each of them once.
pub async fn a_thousand_jobs_published_at_once_all_arrive(queue: &dyn JobQueue) {
    let jobs: Vec<ResizeJob> = (1..=1_000).map(job).collect();
    let trace = Trace::default();
    for outcome in join_all(jobs.iter().map(|job| queue.publish(job, &trace))).await {
        outcome.expect("publish");
    }
    let mut consumer = consume(queue, 100).await;
    let mut ids = HashSet::new();
    while ids.len() < jobs.len() {
        let delivery = next(&mut consumer).await;
        assert!(ids.insert(delivery.job.image_id), "{:?} came twice", delivery.job);
        delivery.settle.ack().await.expect("ack");
    }
    depth_becomes(queue, Depth::default()).await;
}
