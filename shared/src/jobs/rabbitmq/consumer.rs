//! The consumer of jobs. It subscribes again whenever the broker was away or the queue was deleted.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use lapin::message::Delivery as Arrived;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Acker, Channel, Connection, Consumer};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::link::Link;
use super::message::Message;
use super::publisher::Publisher;
use super::settle::{RabbitSettle, Unsettled};
use crate::back_off::BackOff;
use crate::causes::with_causes;
use crate::failure_code::FailureCode;
use crate::jobs::{Delivery, JobConsumer, JobError, Settle, Subscribed};

const SUBSCRIBE_TIMEOUT: Duration = Duration::from_secs(10);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
const LOOK_TIMEOUT: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How long to wait for a job before the broker is asked whether jobs are ready.
const LOOK_AFTER: Duration = Duration::from_secs(4);
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A consumer of the main queue.
pub(super) struct RabbitConsumer {
    link: Arc<Link>,
    publisher: Arc<Publisher>,
    prefetch: u16,
    subscription: Option<Subscription>,
    /// The channel of the subscription, by which [`JobConsumer::subscribed`] knows whether there is one.
    channel: watch::Sender<Option<Channel>>,
}

impl RabbitConsumer {
    pub(super) fn new(link: Arc<Link>, publisher: Arc<Publisher>, prefetch: u16) -> Self {
        Self { link, publisher, prefetch, subscription: None, channel: watch::Sender::new(None) }
    }

    fn leave(&mut self) {
        self.channel.send_replace(None);
        if let Some(subscription) = self.subscription.take() {
            self.publisher.runtime.spawn(subscription.close());
        }
    }

    async fn subscription(&mut self) -> &mut Subscription {
        if self.subscription.is_none() {
            let subscription = self.subscribe().await;
            self.channel.send_replace(Some(subscription.channel.clone()));
            self.subscription = Some(subscription);
        }
        self.subscription.as_mut().expect("set above")
    }

    async fn subscribe(&self) -> Subscription {
        let mut back_off = BackOff::new(FIRST_PAUSE, LONGEST_PAUSE);
        loop {
            let connection = self.link.connected().await;
            match timeout(SUBSCRIBE_TIMEOUT, self.try_subscribe(&connection)).await {
                Ok(Ok(subscription)) => {
                    log::info!("RabbitMQ: consuming from {}", self.publisher.topology.main);
                    return subscription;
                }
                Ok(Err(error)) => log::warn!("RabbitMQ: cannot consume, trying again: {error}"),
                Err(_) => log::warn!("RabbitMQ: cannot consume, trying again: no answer"),
            }
            back_off.pause().await;
        }
    }

    async fn try_subscribe(&self, connection: &Connection) -> Result<Subscription, JobError> {
        let topology = &self.publisher.topology;
        topology.ensure(connection, topology.checks()).await?;
        let channel = connection.create_channel().await?;
        // The prefetch has to be set before the consumer to which it applies.
        // <https://www.rabbitmq.com/docs/consumer-prefetch>
        channel.basic_qos(self.prefetch, BasicQosOptions::default()).await?;
        let tag = self.publisher.identity.to_string();
        let (queue, options) = (topology.main.as_str(), BasicConsumeOptions::default());
        let consumer =
            channel.basic_consume(queue.into(), tag.into(), options, FieldTable::default()).await?;
        Ok(Subscription {
            channel,
            consumer,
            unsettled: Arc::default(),
            look_at: look_later(),
            doubted: false,
        })
    }

    /// Whether the broker still serves the subscription. A queue that is deleted and created again at once forgets its
    /// consumers and does not tell them (seen with RabbitMQ 3.10). So the consumer asks for the number of ready jobs:
    /// none can stay ready while a consumer has room for it.
    async fn is_served(&mut self) -> bool {
        let Some(subscription) = &mut self.subscription else { return true };
        let has_room = Arc::strong_count(&subscription.unsettled) <= self.prefetch.into();
        let overlooked = has_room && {
            let look = async {
                let connection = self.link.connection(LOOK_TIMEOUT).await?;
                self.publisher.topology.ready(&connection).await
            };
            match timeout(LOOK_TIMEOUT, look).await {
                Ok(Ok(ready)) => ready != Some(0),
                // Without an answer the connection is broken, and that ends the subscription by itself.
                Ok(Err(_)) | Err(_) => false,
            }
        };
        let served = !(overlooked && subscription.doubted);
        subscription.doubted = overlooked;
        subscription.look_at = if overlooked { Instant::now() + LOOK_AGAIN_AFTER } else { look_later() };
        served
    }

    /// The delivery of a job; `None` if the message is not a job, which then goes to the queue of failed jobs.
    fn receive(&self, arrived: Arrived, unsettled: Unsettled) -> Option<Delivery> {
        let redelivered = arrived.redelivered;
        let message = Message { payload: arrived.data, properties: arrived.properties };
        let outcome = message.read();
        let (name, trace) = (message.name(), message.trace());
        let settle = Box::new(RabbitSettle::new(unsettled, Arc::clone(&self.publisher), message));
        match outcome {
            Ok(job) => Some(Delivery { job, trace, redelivered, settle }),
            Err(why) => {
                log::warn!("RabbitMQ: message {name} goes to the failed queue: {why}");
                // This runs in its own task, so that a cancelled `next` does not interrupt it.
                self.publisher.runtime.spawn(async move {
                    if let Err(error) = settle.fail(FailureCode::NotAJob, &why).await {
                        log::warn!("RabbitMQ: message {name} stays in the queue: {error}");
                    }
                });
                None
            }
        }
    }
}

#[async_trait]
impl JobConsumer for RabbitConsumer {
    async fn next(&mut self) -> Delivery {
        loop {
            let subscription = self.subscription().await;
            let why = match timeout_at(subscription.look_at, subscription.consumer.next()).await {
                Ok(Some(Ok(arrived))) => {
                    let unsettled = subscription.unsettled(arrived.acker.clone());
                    if let Some(delivery) = self.receive(arrived, unsettled) {
                        return delivery;
                    }
                    continue;
                }
                Err(_) if self.is_served().await => continue,
                Err(_) => "jobs are waiting and none comes".into(),
                // The connection is lost, the channel was closed, or the queue was deleted, which
                // cancels its consumers. <https://www.rabbitmq.com/docs/consumer-cancel>
                Ok(Some(Err(error))) => with_causes(&error),
                Ok(None) => "cancelled".into(),
            };
            log::warn!("RabbitMQ: no longer consuming from {}: {why}", self.publisher.topology.main);
            self.leave();
        }
    }

    fn subscribed(&self) -> Subscribed {
        let channel = self.channel.subscribe();
        Box::new(move || channel.borrow().as_ref().is_some_and(|channel| channel.status().connected()))
    }

    async fn close(mut self: Box<Self>) {
        self.channel.send_replace(None);
        if let Some(subscription) = self.subscription.take() {
            subscription.close().await;
        }
    }
}

impl Drop for RabbitConsumer {
    fn drop(&mut self) {
        self.leave();
    }
}

struct Subscription {
    channel: Channel,
    consumer: Consumer,
    /// A counter of unsettled deliveries: each of them holds a reference, and so does this field.
    unsettled: Arc<()>,
    look_at: Instant,
    /// Whether jobs were ready at the last look that should have been delivered.
    doubted: bool,
}

fn look_later() -> Instant {
    Instant::now() + LOOK_AFTER
}

impl Subscription {
    fn unsettled(&mut self, acker: Acker) -> Unsettled {
        (self.look_at, self.doubted) = (look_later(), false);
        Unsettled { acker, _channel: self.channel.clone(), _counted: Arc::clone(&self.unsettled) }
    }

    /// Ends the subscription. Deliveries that are being worked on keep the channel open, so the buffered ones have to
    /// be handed back one by one.
    async fn close(self) {
        if timeout(CLOSE_TIMEOUT, self.hand_back()).await.is_err() {
            log::warn!("RabbitMQ: the broker does not answer the end of consuming");
        }
    }

    async fn hand_back(&self) {
        if self.channel.basic_cancel(self.consumer.tag(), BasicCancelOptions::default()).await.is_err() {
            return;
        }
        // After the answer to the cancel no more deliveries arrive, so the stream ends.
        let mut buffered = self.consumer.clone();
        while let Some(Ok(delivery)) = buffered.next().await {
            delivery.nack(BasicNackOptions { requeue: true, ..Default::default() }).await.ok();
        }
    }
}
