//! The job queue in RabbitMQ, version 3.10 or later. Only this folder uses `lapin`.

mod announcer;
mod consumer;
mod identity;
mod link;
mod message;
mod publisher;
mod settle;
mod topology;
mod url;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use lapin::Channel;
use tokio::runtime::Handle;
use tokio::time::timeout;

pub use self::announcer::Announcer;
use self::consumer::RabbitConsumer;
use self::identity::Identity;
use self::link::Link;
use self::message::Message;
use self::publisher::Publisher;
use self::topology::Topology;
use self::url::Broker;
use super::{Depth, JobConsumer, JobError, JobQueue, Published};
use crate::resize_job::ResizeJob;
use crate::trace::Trace;

const LOOK_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECT_PATIENCE: Duration = Duration::from_secs(1);

/// The names of the queues, and the delays of retries.
#[derive(Debug, Clone)]
pub struct RabbitOptions {
    /// The name of the main queue. The names of the others begin with it: `<names>.retry.<delay>` and `<names>.failed`.
    pub names: String,
    /// The name of the exchange of events.
    pub events: String,
    /// The delays of retries. Each has its own retry queue.
    pub retry_delays: Vec<Duration>,
    /// The name of this process at the broker, such as `resizinator-api`.
    pub application: &'static str,
    /// Where messages are counted.
    pub published: Published,
}

impl Default for RabbitOptions {
    fn default() -> Self {
        Self {
            names: "images.resize".into(),
            events: "images.events".into(),
            retry_delays: [5, 30, 120, 300].map(Duration::from_secs).into(),
            application: "resizinator",
            published: Published::default(),
        }
    }
}

/// A job queue in RabbitMQ. It connects in the background when it is first used, and again whenever the connection is
/// lost. It never waits long for a broker that is away.
pub struct RabbitQueue {
    broker: Broker,
    publisher: Arc<Publisher>,
    consuming: Arc<Link>,
    announcer: Arc<Announcer>,
    /// The channel on which the length of the queue is asked for again and again.
    looking: tokio::sync::Mutex<Option<Channel>>,
}

impl RabbitQueue {
    /// Makes a queue from the URL `amqp://user:password@host:port/vhost` or `amqps://…`. It does not connect yet, so
    /// the broker may be away.
    ///
    /// # Errors
    /// [`JobError`] if the URL cannot be read, if there are no retry delays, or outside a tokio runtime.
    pub fn new(url: &str, options: RabbitOptions) -> Result<Self, JobError> {
        let broker = Broker::parse(url)?;
        if options.retry_delays.is_empty() {
            return Err(JobError("there has to be at least one retry delay".into()));
        }
        // The connections outlive the request that first uses them, and maybe also its runtime.
        let runtime = Handle::try_current().map_err(|error| JobError(error.to_string()))?;
        let identity = Identity::new(options.application);
        let consuming = Arc::new(Link::new(&broker, &identity, "consuming", &runtime));
        let link = Link::new(&broker, &identity, "publishing", &runtime);
        let topology = Topology::new(options.names, options.retry_delays);
        let publisher = Arc::new(Publisher::new(identity, topology, link, runtime, options.published));
        let announcer = Announcer::new(options.events, Arc::clone(&publisher), Arc::clone(&consuming));
        let looking = tokio::sync::Mutex::default();
        Ok(Self { broker, publisher, consuming, announcer: Arc::new(announcer), looking })
    }

    /// The exchange of events, over the same connections.
    pub fn announcer(&self) -> Arc<Announcer> {
        Arc::clone(&self.announcer)
    }

    async fn look(&self) -> Result<Depth, JobError> {
        let topology = &self.publisher.topology;
        let connection = self.publisher.connection().await?;
        let seen = topology.checks();
        if let Some(depth) = topology.depth(&connection).await? {
            return Ok(depth);
        }
        topology.ensure(&connection, seen).await?;
        topology.depth(&connection).await?.ok_or_else(|| JobError("the queues vanish".into()))
    }

    async fn probe(&self) -> Result<(), JobError> {
        if self.consuming.wanted() {
            self.consuming.connection(CONNECT_PATIENCE).await?;
        }
        let topology = &self.publisher.topology;
        let connection = self.publisher.connection().await?;
        let seen = topology.checks();
        // The queues are looked at once in any case, since a worker that has no subscription may not have done so.
        if topology.ready(&connection).await?.is_none() || seen == 0 {
            topology.ensure(&connection, seen).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl JobQueue for RabbitQueue {
    async fn publish(&self, job: &ResizeJob, trace: &Trace) -> Result<(), JobError> {
        let message = Message::job(job, trace, &self.publisher.identity)?;
        self.publisher.publish(&self.publisher.topology.main, &message).await
    }

    async fn consume(&self, prefetch: u16) -> Result<Box<dyn JobConsumer>, JobError> {
        let (link, publisher) = (Arc::clone(&self.consuming), Arc::clone(&self.publisher));
        Ok(Box::new(RabbitConsumer::new(link, publisher, prefetch)))
    }

    async fn depth(&self) -> Result<Depth, JobError> {
        timeout(LOOK_TIMEOUT, self.look()).await.unwrap_or_else(|_| Err(no_answer()))
    }

    async fn ready(&self) -> Result<u64, JobError> {
        let look = async {
            let connection = self.publisher.connection().await?;
            let mut looking = self.looking.lock().await;
            let channel = match looking.take().filter(|channel| channel.status().connected()) {
                Some(channel) => channel,
                None => connection.create_channel().await?,
            };
            let ready = self.publisher.topology.ready_on(&channel).await?;
            *looking = Some(channel);
            Ok(ready)
        };
        timeout(LOOK_TIMEOUT, look).await.unwrap_or_else(|_| Err(no_answer()))
    }

    async fn check(&self) -> Result<(), JobError> {
        timeout(LOOK_TIMEOUT, self.probe()).await.unwrap_or_else(|_| Err(no_answer()))
    }

    fn last_created(&self) -> Option<Instant> {
        self.publisher.topology.last_created()
    }

    fn unsuitable(&self) -> Option<String> {
        self.publisher.topology.unsuitable()
    }

    fn connections(&self) -> Vec<(&'static str, bool)> {
        let links = [("publish", &self.publisher.link), ("consume", &*self.consuming)];
        links
            .into_iter()
            .filter(|(_, link)| link.wanted())
            .map(|(purpose, link)| (purpose, link.is_open()))
            .collect()
    }
}

impl fmt::Debug for RabbitQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RabbitQueue({}, {})", self.broker, self.publisher.topology.main)
    }
}

fn no_answer() -> JobError {
    JobError("the broker does not answer".into())
}
