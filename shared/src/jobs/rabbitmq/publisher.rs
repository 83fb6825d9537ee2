//! Publishing: many messages in flight on one channel, each confirmed by the broker.

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
use crate::jobs::JobError;

/// Limit of a whole publish, confirm included.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(3);
/// How long to wait for a connection that is just being made.
const CONNECT_PATIENCE: Duration = Duration::from_millis(900);

/// Publishes to the queues of one topology, over one connection.
pub(super) struct Publisher {
    pub(super) identity: Identity,
    pub(super) topology: Topology,
    pub(super) link: Link,
    pub(super) runtime: Handle,
    lanes: tokio::sync::Mutex<HashMap<String, Arc<Lane>>>,
}

/// A channel that publishes to one queue only. The client library hands a returned message to
/// any confirm that arrives with it; as long as all messages of a channel go to the same queue,
/// that one was returned as well.
struct Lane {
    connection: Arc<Connection>,
    channel: Channel,
    /// Held while a message is numbered and queued for sending: the broker counts messages in
    /// the order in which they arrive, and its confirms name nothing but that number.
    order: Mutex<()>,
}

enum Outcome {
    Confirmed,
    /// The queue does not exist. <https://www.rabbitmq.com/docs/publishers#unroutable>
    Returned(String),
}

impl Publisher {
    pub(super) fn new(identity: Identity, topology: Topology, link: Link, runtime: Handle) -> Self {
        Self { identity, topology, link, runtime, lanes: tokio::sync::Mutex::default() }
    }

    /// Returns once the broker has taken the message for good.
    pub(super) async fn publish(&self, queue: &str, message: &Message) -> Result<(), JobError> {
        match timeout(PUBLISH_TIMEOUT, self.publish_or_create(queue, message)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(JobError(format!("no confirm within {} s", PUBLISH_TIMEOUT.as_secs()))),
        }
    }

    /// The connection for publishing, if it is up and not blocked.
    pub(super) async fn connection(&self) -> Result<Arc<Connection>, JobError> {
        let connection = self.link.connection(CONNECT_PATIENCE).await?;
        // Nothing at all is sent while blocked. <https://www.rabbitmq.com/docs/connection-blocked>
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
        let (queue, message) = (queue.to_owned(), message.clone());
        // A task of its own: the client library keeps confirms that are dropped, for ever.
        let confirmed = self.runtime.spawn(async move { lane.send(queue, message).await }).await;
        match confirmed.map_err(|error| JobError(error.to_string()))?? {
            Confirmation::Ack(None) => Ok(Outcome::Confirmed),
            Confirmation::Ack(Some(returned)) => Ok(Outcome::Returned(returned.reply_text.to_string())),
            Confirmation::Nack(_) | Confirmation::NotRequested => {
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
        // The default exchange knows every queue by its name; mandatory, or the broker would
        // confirm a message that it throws away.
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
        Self(error.to_string())
    }
}
