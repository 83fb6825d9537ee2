//! The publisher of messages. Many messages are in flight on one channel, and the broker confirms each of them.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{Channel, Confirmation, Connection};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::identity::Identity;
use super::link::Link;
use super::message::Message;
use super::topology::Topology;
use crate::causes::with_causes;
use crate::jobs::JobError;
use crate::jobs::published::{Published, PublishedTo};

/// How long a publish may take, with its confirm.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(3);
/// How long to wait for a connection that is being opened.
const CONNECT_PATIENCE: Duration = Duration::from_millis(900);

/// A publisher to the queues of one topology, over one connection.
pub(super) struct Publisher {
    pub(super) identity: Identity,
    pub(super) topology: Topology,
    pub(super) link: Link,
    pub(super) runtime: Handle,
    lanes: tokio::sync::Mutex<HashMap<String, Arc<Lane>>>,
    published: Published,
}

/// A channel that publishes to one queue only. The client library attaches a returned message to any confirm that
/// arrives with it. As long as all messages of a channel go to the same queue, the message of that confirm was returned
/// as well.
struct Lane {
    connection: Arc<Connection>,
    channel: Channel,
    /// A lock that is held while a message gets its number and is queued for sending. The broker counts messages in the
    /// order in which they arrive, and its confirms contain only that number.
    order: Mutex<()>,
}

enum Outcome {
    Confirmed,
    /// The queue does not exist. <https://www.rabbitmq.com/docs/publishers#unroutable>
    Returned(String),
}

impl Publisher {
    pub(super) fn new(
        identity: Identity,
        topology: Topology,
        link: Link,
        runtime: Handle,
        published: Published,
    ) -> Self {
        Self { identity, topology, link, runtime, lanes: tokio::sync::Mutex::default(), published }
    }

    /// Publishes a message, and returns when the broker has confirmed it.
    pub(super) async fn publish(&self, queue: &str, message: &Message) -> Result<(), JobError> {
        match timeout(PUBLISH_TIMEOUT, self.publish_or_create(queue, message)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.count(PublishedTo::failed(queue));
                Err(JobError(format!("no confirm within {} s", PUBLISH_TIMEOUT.as_secs())))
            }
        }
    }

    fn count(&self, published: PublishedTo) {
        self.published.get_or_create(&published).inc();
    }

    /// The connection for publishing; an error if it is down or blocked.
    pub(super) async fn connection(&self) -> Result<Arc<Connection>, JobError> {
        let connection = self.link.connection(CONNECT_PATIENCE).await?;
        // A blocked connection sends nothing at all. <https://www.rabbitmq.com/docs/connection-blocked>
        if connection.status().blocked() {
            return Err(JobError("the broker takes no messages: a memory or disk alarm is on".into()));
        }
        Ok(connection)
    }

    async fn publish_or_create(&self, queue: &str, message: &Message) -> Result<(), JobError> {
        let connection = self.connection().await?;
        let seen = self.topology.checks();
        match self.send(&connection, queue, message).await? {
            Outcome::Confirmed => return Ok(()),
            Outcome::Returned(_) => self.topology.ensure(&connection, seen).await?,
        }
        match self.send(&connection, queue, message).await? {
            Outcome::Confirmed => Ok(()),
            Outcome::Returned(why) => Err(JobError(format!("{queue} returned the message: {why}"))),
        }
    }

    async fn send(
        &self,
        connection: &Arc<Connection>,
        queue: &str,
        message: &Message,
    ) -> Result<Outcome, JobError> {
        let lane = self.lane(connection, queue).await?;
        let (name, message) = (queue.to_owned(), message.clone());
        // This runs in its own task, since the client library keeps confirms for ever if they are dropped.
        let confirmed = self.runtime.spawn(async move { lane.send(name, message).await }).await;
        let confirmed = confirmed.map_err(|error| JobError(error.to_string())).flatten();
        match confirmed.inspect_err(|_| self.count(PublishedTo::failed(queue)))? {
            Confirmation::Ack(None) => {
                self.count(PublishedTo::confirmed(queue));
                Ok(Outcome::Confirmed)
            }
            Confirmation::Ack(Some(returned)) => {
                self.count(PublishedTo::returned(queue));
                Ok(Outcome::Returned(returned.reply_text.to_string()))
            }
            Confirmation::Nack(_) | Confirmation::NotRequested => {
                self.count(PublishedTo::refused(queue));
                Err(JobError("the broker refused the message".into()))
            }
        }
    }

    async fn lane(&self, connection: &Arc<Connection>, queue: &str) -> Result<Arc<Lane>, JobError> {
        let mut lanes = self.lanes.lock().await;
        if let Some(lane) = lanes.get(queue).filter(|lane| lane.serves(connection)) {
            return Ok(Arc::clone(lane));
        }
        self.topology.ensure(connection, self.topology.checks()).await?;
        let lane = Arc::new(Lane::open(connection).await?);
        lanes.insert(queue.to_owned(), Arc::clone(&lane));
        Ok(lane)
    }
}

impl Lane {
    async fn open(connection: &Arc<Connection>) -> Result<Self, JobError> {
        let channel = connection.create_channel().await?;
        // <https://www.rabbitmq.com/docs/confirms#publisher-confirms>
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Self { connection: Arc::clone(connection), channel, order: Mutex::default() })
    }

    fn serves(&self, connection: &Arc<Connection>) -> bool {
        Arc::ptr_eq(&self.connection, connection) && self.channel.status().connected()
    }

    async fn send(&self, queue: String, message: Message) -> Result<Confirmation, JobError> {
        // The default exchange knows every queue by its name. Without `mandatory` the broker would confirm a message
        // that it throws away.
        let options = BasicPublishOptions { mandatory: true, ..Default::default() };
        let Message { payload, properties } = message;
        let mut sending =
            pin!(self.channel.basic_publish("".into(), queue.into(), options, &payload, properties));
        let begun = {
            let _order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
            sending.as_mut().now_or_never()
        };
        let confirm = match begun {
            Some(sent) => sent?,
            None => sending.await?,
        };
        Ok(confirm.await?)
    }
}

impl From<lapin::Error> for JobError {
    fn from(error: lapin::Error) -> Self {
        Self(with_causes(&error))
    }
}
