//! The exchange of events. Other services hear there what happens to images, and the replicas of the api hear that there
//! is something to read. Nothing depends on it: whoever hears nothing looks into the metadata store every two seconds.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use futures_util::StreamExt;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ExchangeKind};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use super::link::Link;
use super::publisher::Publisher;
use super::topology::{NOT_FOUND, code};
use crate::ids::UserId;
use crate::image_event::{ImageEvent, ImageEventRecord};
use crate::jobs::JobError;

/// How long it may take to tell of some events. They are not told of later.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long nothing is tried after the broker has refused something.
const PAUSE: Duration = Duration::from_secs(30);
/// The routing key of the message that follows some events, which the replicas of the api listen to.
const NUMBERED: &str = "numbered";

/// One end of the exchange of events.
pub struct Announcer {
    exchange: String,
    publisher: Arc<Publisher>,
    listening: Arc<Link>,
    speaking: Mutex<Speaking>,
}

#[derive(Default)]
struct Speaking {
    channel: Option<(Arc<Connection>, Channel)>,
    quiet_until: Option<Instant>,
}

/// The payload of a message. It has no secret, and no URL.
#[derive(Serialize)]
struct Announcement<'a> {
    #[serde(flatten)]
    event: ImageEventRecord<'a>,
    user: UserId,
}

impl Announcer {
    pub(super) fn new(exchange: String, publisher: Arc<Publisher>, listening: Arc<Link>) -> Self {
        Self { exchange, publisher, listening, speaking: Mutex::default() }
    }

    /// Tells of events, as far as the broker takes them now. None is told twice.
    pub async fn announce(&self, events: &[ImageEvent]) {
        let mut speaking = self.speaking.lock().await;
        if speaking.quiet_until.is_some_and(|until| Instant::now() < until) {
            return;
        }
        let told = timeout(PATIENCE, self.publish(&mut speaking, events)).await;
        if let Err(error) = told.unwrap_or_else(|_| Err(JobError("the broker does not answer".into()))) {
            let (count, exchange) = (events.len(), &self.exchange);
            log::warn!(
                "{count} events are not told of at the exchange {exchange}, nor are others for 30 s: {error}"
            );
            *speaking = Speaking { channel: None, quiet_until: Some(Instant::now() + PAUSE) };
        }
    }

    async fn publish(&self, speaking: &mut Speaking, events: &[ImageEvent]) -> Result<(), JobError> {
        let connection = self.publisher.connection().await?;
        let channel = match &speaking.channel {
            Some((of, channel)) if Arc::ptr_eq(of, &connection) => {
                if !channel.status().connected() {
                    return Err(JobError("the broker has closed the channel; see its log".into()));
                }
                channel.clone()
            }
            _ => {
                let channel = self.channel_with_exchange(&connection).await?;
                speaking.channel = Some((connection, channel.clone()));
                channel
            }
        };
        for event in events {
            let announcement = Announcement { event: event.into(), user: event.user_id };
            let payload = serde_json::to_vec(&announcement).map_err(|error| JobError(error.to_string()))?;
            let key = event.kind.full_name();
            let properties = BasicProperties::default()
                .with_type(key.into())
                .with_content_type("application/json".into())
                .with_message_id(event.id.to_string().into())
                .with_correlation_id(format!("image-{}", event.image_id).into())
                .with_timestamp(u64::try_from(Utc::now().timestamp()).unwrap_or_default())
                .with_app_id(self.publisher.identity.application.into());
            let exchange = self.exchange.as_str().into();
            channel
                .basic_publish(exchange, key.into(), BasicPublishOptions::default(), &payload, properties)
                .await?;
        }
        let (exchange, key) = (self.exchange.as_str().into(), NUMBERED.into());
        let options = BasicPublishOptions::default();
        channel.basic_publish(exchange, key, options, b"", BasicProperties::default()).await?;
        Ok(())
    }

    /// Calls `heard` whenever a process has told of an event, and when it begins to listen. It goes on by itself after
    /// an outage. Whoever has no permission to listen hears nothing.
    pub async fn listen(&self, heard: impl Fn()) {
        loop {
            if let Err(error) = self.hear(&heard).await {
                log::warn!(
                    "events of other processes come up to two seconds late, for 30 s at least: {error}"
                );
            }
            sleep(PAUSE).await;
        }
    }

    async fn hear(&self, heard: &impl Fn()) -> Result<(), JobError> {
        loop {
            let connection = self.listening.connected().await;
            let channel = self.channel_with_exchange(&connection).await?;
            // A message says only that there is something to read, so one that waits is enough.
            let mut arguments = FieldTable::default();
            arguments.insert("x-max-length".into(), AMQPValue::LongInt(1));
            let options = QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
            let name = format!("{}.{}.{:08x}", self.exchange, self.publisher.identity, rand::random::<u32>());
            channel.queue_declare(name.as_str().into(), options, arguments).await?;
            let (exchange, nothing) = (self.exchange.as_str().into(), FieldTable::default());
            let bind = QueueBindOptions::default();
            channel.queue_bind(name.as_str().into(), exchange, NUMBERED.into(), bind, nothing).await?;
            let options = BasicConsumeOptions { no_ack: true, exclusive: true, ..Default::default() };
            let tag = self.publisher.identity.to_string();
            let consume = channel.basic_consume(
                name.as_str().into(),
                tag.as_str().into(),
                options,
                FieldTable::default(),
            );
            let mut consumer = consume.await?;
            heard();
            while let Some(Ok(_)) = consumer.next().await {
                heard();
            }
            if connection.status().connected() {
                return Err(JobError("the broker has ended the subscription".into()));
            }
        }
    }

    /// A new channel to an exchange that exists. Whoever may not create the exchange can use one that exists.
    async fn channel_with_exchange(&self, connection: &Connection) -> Result<Channel, JobError> {
        let channel = connection.create_channel().await?;
        let passive = ExchangeDeclareOptions { passive: true, ..Default::default() };
        match self.declare(&channel, passive).await {
            Ok(()) => return Ok(channel),
            Err(error) if code(&error) == Some(NOT_FOUND) => {}
            Err(error) => return Err(error.into()),
        }
        let channel = connection.create_channel().await?;
        let durable = ExchangeDeclareOptions { durable: true, ..Default::default() };
        self.declare(&channel, durable).await?;
        Ok(channel)
    }

    async fn declare(&self, channel: &Channel, options: ExchangeDeclareOptions) -> lapin::Result<()> {
        let name = self.exchange.as_str().into();
        channel.exchange_declare(name, ExchangeKind::Topic, options, FieldTable::default()).await
    }
}

impl std::fmt::Debug for Announcer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Announcer({})", self.exchange)
    }
}
