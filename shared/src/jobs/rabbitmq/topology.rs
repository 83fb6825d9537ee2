//! The queues in RabbitMQ: their names, their arguments and their creation.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ErrorKind};
use tokio::sync::{Mutex, watch};
use tokio::time::sleep;

use crate::causes::with_causes;
use crate::jobs::{Depth, JobError, delays};

/// The delivery limit of the main queue, which no message reaches, since the attempts in the row decide. Without it,
/// quorum queues of RabbitMQ 4.0 and later drop a message after 20 deliveries, and a rolling restart of workers
/// counts. The value is not -1, "no limit": only 4.0 and later understand it, and 3.x takes it for a number below
/// every count.
/// <https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling>
const DELIVERY_LIMIT: i32 = 1_000_000;

/// The pause before a deleted queue is created again. Without it, the broker is still cancelling the consumers of the
/// deleted queue and leaves them half subscribed: not cancelled, and without the first message (seen with RabbitMQ
/// 3.10).
const CANCEL_FIRST: Duration = Duration::from_millis(500);

pub(super) const NOT_FOUND: u16 = 404;
const ACCESS_REFUSED: u16 = 403;
const PRECONDITION_FAILED: u16 = 406;

/// The names of all queues, and what this process knows about them.
pub(super) struct Topology {
    pub(super) main: String,
    pub(super) failed: String,
    delays: Vec<Duration>,
    /// The number of checks so far. By it, a thousand returned messages cause one check and not a thousand.
    checks: AtomicU64,
    created: watch::Sender<Option<Instant>>,
    checking: Mutex<()>,
    /// The first queue that the last check found with other arguments than it needs, as a sentence.
    unsuitable: watch::Sender<Option<String>>,
}

impl Topology {
    pub(super) fn new(main: String, mut delays: Vec<Duration>) -> Self {
        delays.sort_unstable();
        delays.dedup();
        let failed = format!("{main}.failed");
        Self {
            main,
            failed,
            delays,
            checks: AtomicU64::new(0),
            created: watch::Sender::new(None),
            checking: Mutex::new(()),
            unsuitable: watch::Sender::new(None),
        }
    }

    /// The name of the retry queue for a delay.
    pub(super) fn retry(&self, asked: Duration) -> String {
        retry_name(&self.main, delays::nearest(&self.delays, asked).unwrap_or(asked))
    }

    pub(super) fn last_created(&self) -> Option<Instant> {
        *self.created.borrow()
    }

    /// The first queue that the last check found with other arguments than it needs, as a sentence.
    pub(super) fn unsuitable(&self) -> Option<String> {
        self.unsuitable.borrow().clone()
    }

    /// The number of checks so far. Read it before you use the queues, and pass it to [`Self::ensure`] if one is
    /// missing.
    pub(super) fn checks(&self) -> u64 {
        self.checks.load(Ordering::Acquire)
    }

    /// Creates the queues that are missing, unless a check has done so since `seen`. The retry queues come before the
    /// main queue, so that a job that is consumed can always be retried.
    pub(super) async fn ensure(&self, connection: &Connection, seen: u64) -> Result<(), JobError> {
        let _checking = self.checking.lock().await;
        if self.checks() > seen {
            return Ok(());
        }
        let mut probe = Probe::new(connection);
        // The broker logs an error for each look at a queue that is missing. The main queue is created last, so if it
        // is missing, the others are not looked for.
        let is_there = probe.exists(&self.main).await?;
        if self.checks() > 0 && !is_there {
            sleep(CANCEL_FIRST).await;
        }
        for delay in &self.delays {
            let arguments = retry_arguments(&self.main, *delay);
            probe.ensure(&retry_name(&self.main, *delay), is_there, arguments).await?;
        }
        probe.ensure(&self.failed, is_there, quorum()).await?;
        if is_there {
            probe.found.push((self.main.clone(), main_arguments()));
        } else if probe.create(&self.main, main_arguments()).await? {
            log::info!(
                "RabbitMQ: created the queue {} and those of the retry queues and the failed queue that were missing",
                self.main
            );
            self.created.send_replace(Some(Instant::now()));
        }
        probe.compare().await;
        if let Some(unsuitable) = &probe.unsuitable {
            log::warn!("RabbitMQ: {unsuitable}");
        }
        // A check that could compare nothing changes nothing about it.
        if probe.may_declare || probe.unsuitable.is_some() {
            self.unsuitable.send_replace(probe.unsuitable);
        }
        self.checks.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    /// How many messages wait in each kind of queue; `None` if a queue does not exist.
    pub(super) async fn depth(&self, connection: &Connection) -> Result<Option<Depth>, JobError> {
        let mut probe = Probe::new(connection);
        let mut depth = Depth::default();
        let Some(ready) = probe.count(&self.main).await? else { return Ok(None) };
        depth.ready = ready;
        for delay in &self.delays {
            let Some(waiting) = probe.count(&retry_name(&self.main, *delay)).await? else { return Ok(None) };
            depth.retrying += waiting;
        }
        let Some(failed) = probe.count(&self.failed).await? else { return Ok(None) };
        depth.failed = failed;
        Ok(Some(depth))
    }

    /// How many jobs wait in the main queue, asked on a channel that is kept. A missing queue closes it, and counts as empty.
    pub(super) async fn ready_on(&self, channel: &Channel) -> lapin::Result<u64> {
        let passive = QueueDeclareOptions { passive: true, ..Default::default() };
        match channel.queue_declare(self.main.as_str().into(), passive, FieldTable::default()).await {
            Ok(queue) => Ok(queue.message_count().into()),
            Err(error) if code(&error) == Some(NOT_FOUND) => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// How many jobs wait in the main queue; `None` if it does not exist.
    pub(super) async fn ready(&self, connection: &Connection) -> Result<Option<u64>, JobError> {
        Probe::new(connection).count(&self.main).await
    }
}

fn retry_name(main: &str, delay: Duration) -> String {
    format!("{main}.retry.{}", label(delay))
}

/// The delay in the largest unit that leaves no remainder, such as `5s`, `2m` or `200ms`.
fn label(delay: Duration) -> String {
    match delay.as_millis() {
        ms if ms > 0 && ms % 60_000 == 0 => format!("{}m", ms / 60_000),
        ms if ms % 1_000 == 0 => format!("{}s", ms / 1_000),
        ms => format!("{ms}ms"),
    }
}

fn quorum() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments
}

fn main_arguments() -> FieldTable {
    let mut arguments = quorum();
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(DELIVERY_LIMIT));
    arguments
}

/// The arguments of a retry queue, where a message waits for the delay and then goes back to the main queue. The queue
/// could not work without them, so they are arguments and not a policy; an operator's policies may set limits.
/// <https://www.rabbitmq.com/docs/ttl>, <https://www.rabbitmq.com/docs/dlx>
fn retry_arguments(main: &str, delay: Duration) -> FieldTable {
    let mut arguments = quorum();
    let milliseconds = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
    arguments.insert("x-message-ttl".into(), AMQPValue::LongLongInt(milliseconds));
    arguments.insert("x-dead-letter-exchange".into(), text(""));
    arguments.insert("x-dead-letter-routing-key".into(), text(main));
    // The default strategy may lose a message on its way back. At-least-once needs reject-publish.
    // <https://www.rabbitmq.com/docs/quorum-queues#activating-at-least-once-dead-lettering>
    arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    arguments.insert("x-overflow".into(), text("reject-publish"));
    arguments
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

/// A look at the queues. It has its own channel, since the broker closes the channel if a queue does not exist.
struct Probe<'a> {
    connection: &'a Connection,
    channel: Option<Channel>,
    /// The first queue that exists with other arguments, as a sentence.
    unsuitable: Option<String>,
    /// The queues that exist, with the arguments that they need.
    found: Vec<(String, FieldTable)>,
    /// Whether the user could create a queue.
    may_declare: bool,
}

impl<'a> Probe<'a> {
    fn new(connection: &'a Connection) -> Self {
        Self { connection, channel: None, unsuitable: None, found: Vec::new(), may_declare: false }
    }

    /// The number of ready messages; `None` if there is no such queue.
    async fn count(&mut self, queue: &str) -> Result<Option<u64>, JobError> {
        let passive = QueueDeclareOptions { passive: true, ..Default::default() };
        match self.declare(queue, passive, FieldTable::default()).await {
            Ok(count) => Ok(Some(count)),
            Err(error) if code(&error) == Some(NOT_FOUND) => Ok(None),
            Err(error) => Err(JobError(format!("queue {queue}: {}", with_causes(&error)))),
        }
    }

    /// Whether there is such a queue. It counts as there if the user may not look; the use of it will show.
    async fn exists(&mut self, queue: &str) -> Result<bool, JobError> {
        let passive = QueueDeclareOptions { passive: true, ..Default::default() };
        match self.declare(queue, passive, FieldTable::default()).await {
            Ok(_) => Ok(true),
            Err(error) => match code(&error) {
                Some(NOT_FOUND) => Ok(false),
                Some(ACCESS_REFUSED) => Ok(true),
                _ => Err(JobError(format!("queue {queue}: {}", with_causes(&error)))),
            },
        }
    }

    /// Creates the queue if it is missing. It looks first if the queue is likely to be there. A queue that exists with other
    /// arguments is used all the same, since an operator may want it so.
    async fn ensure(&mut self, queue: &str, is_likely: bool, arguments: FieldTable) -> Result<(), JobError> {
        if is_likely && self.exists(queue).await? {
            self.found.push((queue.to_owned(), arguments));
            return Ok(());
        }
        self.create(queue, arguments).await.map(drop)
    }

    /// Creates the queue, and returns whether it is as if this had made it. It is not if the broker refuses that and
    /// the queue is there all the same: a user with few permissions may use queues but not declare them, and an
    /// operator may have declared them with other arguments.
    async fn create(&mut self, queue: &str, arguments: FieldTable) -> Result<bool, JobError> {
        let Err(error) = self.try_declare(queue, arguments).await else {
            self.may_declare = true;
            return Ok(true);
        };
        let is_refused = matches!(code(&error), Some(ACCESS_REFUSED | PRECONDITION_FAILED));
        if is_refused && self.exists(queue).await? {
            return Ok(false);
        }
        Err(JobError(format!("the queue {queue} is missing and cannot be created: {}", with_causes(&error))))
    }

    /// Finds out whether the queues that exist have the arguments that they need. To declare such a queue changes nothing.
    /// The broker logs an error whenever a user declares what it may not, so this is left out unless the user could
    /// create another queue. <https://www.rabbitmq.com/docs/queues#property-equivalence>
    async fn compare(&mut self) {
        for (queue, arguments) in std::mem::take(&mut self.found) {
            if self.may_declare {
                drop(self.try_declare(&queue, arguments).await);
            }
        }
    }

    async fn try_declare(&mut self, queue: &str, arguments: FieldTable) -> lapin::Result<()> {
        let durable = QueueDeclareOptions { durable: true, ..Default::default() };
        let Err(error) = self.declare(queue, durable, arguments).await else { return Ok(()) };
        if code(&error) == Some(PRECONDITION_FAILED) && self.unsuitable.is_none() {
            self.unsuitable = Some(format!(
                "the queue {queue} exists with other arguments than expected; it has to be deleted, to be created \
                 anew, or declared as the README says ({})",
                with_causes(&error)
            ));
        }
        Err(error)
    }

    async fn declare(
        &mut self,
        queue: &str,
        options: QueueDeclareOptions,
        arguments: FieldTable,
    ) -> lapin::Result<u64> {
        let channel = match self.channel.take() {
            Some(channel) => channel,
            None => self.connection.create_channel().await?,
        };
        let declared = channel.queue_declare(queue.into(), options, arguments).await?;
        self.channel = Some(channel);
        Ok(declared.message_count().into())
    }
}

pub(super) fn code(error: &lapin::Error) -> Option<u16> {
    match error.kind() {
        ErrorKind::ProtocolError(error) => Some(error.get_id()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_queues_are_named_after_their_delay() {
        let topology =
            Topology::new("images.resize".into(), [300, 5, 30, 120].map(Duration::from_secs).into());
        let name = |seconds| topology.retry(Duration::from_secs(seconds));
        assert_eq!(name(1), "images.resize.retry.5s");
        assert_eq!(name(31), "images.resize.retry.2m");
        assert_eq!(name(3600), "images.resize.retry.5m");
        assert_eq!(label(Duration::from_millis(200)), "200ms");
    }
}
