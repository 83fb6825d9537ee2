//! A connection to the broker that a background task keeps open.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::StreamExt;
use lapin::protocol::AMQPErrorKind;
use lapin::{Connection, ConnectionProperties, ErrorKind, Event};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::identity::Identity;
use super::url::Broker;
use crate::back_off::BackOff;
use crate::causes::with_causes;
use crate::jobs::JobError;

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How long a connection has to live so that the next outage begins with short pauses again.
const STABLE_AFTER: Duration = Duration::from_secs(10);
/// How long callers wait for a handshake before they are told that the broker is away.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(5);
/// How long a handshake may take. The client library cannot abort it, and if it is given up too early, a thread stays
/// behind.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);

#[derive(Clone)]
enum LinkState {
    /// The first try to connect is running. A caller may wait for it for a short time.
    Connecting,
    Up(Arc<Connection>),
    /// The last try to connect failed, with this reason.
    Down(String),
}

impl LinkState {
    fn is_open(&self) -> bool {
        matches!(self, Self::Up(connection) if connection.status().connected())
    }
}

/// A connection for one purpose. RabbitMQ blocks connections that publish while it is short of memory, so publishing
/// and consuming have their own connections.
/// <https://www.rabbitmq.com/docs/connections>
pub(super) struct Link {
    broker: Broker,
    name: String,
    purpose: &'static str,
    runtime: Handle,
    state: OnceLock<watch::Receiver<LinkState>>,
}

impl Link {
    pub(super) fn new(broker: &Broker, identity: &Identity, purpose: &'static str, runtime: &Handle) -> Self {
        let name = format!("{identity} {purpose}");
        Self { broker: broker.clone(), name, purpose, runtime: runtime.clone(), state: OnceLock::new() }
    }

    /// The open connection. It waits for it no longer than `patience`, and not at all if the broker is known to be
    /// away, since an upload must not wait for it.
    pub(super) async fn connection(&self, patience: Duration) -> Result<Arc<Connection>, JobError> {
        let mut state = self.state();
        let known = state.wait_for(|state| match state {
            LinkState::Connecting => false,
            LinkState::Up(connection) => connection.status().connected(),
            LinkState::Down(_) => true,
        });
        match timeout(patience, known).await {
            Ok(Ok(state)) => match &*state {
                LinkState::Up(connection) => Ok(Arc::clone(connection)),
                LinkState::Down(why) => Err(JobError(format!("not connected: {why}"))),
                LinkState::Connecting => Err(not_connected()),
            },
            Ok(Err(_)) => Err(JobError("the process is ending".into())),
            Err(_) => Err(not_connected()),
        }
    }

    /// Waits for the open connection, however long that takes.
    pub(super) async fn connected(&self) -> Arc<Connection> {
        if let Ok(LinkState::Up(connection)) = self.state().wait_for(LinkState::is_open).await.as_deref() {
            return Arc::clone(connection);
        }
        // The runtime is shutting down, and the task that waits here ends with it.
        std::future::pending().await
    }

    /// Whether the connection has been asked for yet.
    pub(super) fn wanted(&self) -> bool {
        self.state.get().is_some()
    }

    /// Whether the connection is open now.
    pub(super) fn is_open(&self) -> bool {
        self.state.get().is_some_and(|state| state.borrow().is_open())
    }

    fn state(&self) -> watch::Receiver<LinkState> {
        let start = || {
            let (sender, receiver) = watch::channel(LinkState::Connecting);
            let keeper = Keeper {
                broker: self.broker.clone(),
                name: self.name.clone(),
                purpose: self.purpose,
                sender,
            };
            self.runtime.spawn(keeper.run());
            receiver
        };
        self.state.get_or_init(start).clone()
    }
}

fn not_connected() -> JobError {
    JobError("not connected yet".into())
}

/// The background task of a [`Link`], which ends when the link is dropped.
struct Keeper {
    broker: Broker,
    name: String,
    purpose: &'static str,
    sender: watch::Sender<LinkState>,
}

impl Keeper {
    async fn run(self) {
        let mut back_off = BackOff::new(FIRST_PAUSE, LONGEST_PAUSE);
        let mut announced = false;
        loop {
            let began = Instant::now();
            match self.connect().await {
                Ok(connection) => {
                    log::info!("RabbitMQ {}: connected for {}", self.broker, self.purpose);
                    let why = self.hold(Arc::new(connection)).await;
                    if self.sender.is_closed() {
                        return;
                    }
                    log::warn!("RabbitMQ {}: lost the connection for {}: {why}", self.broker, self.purpose);
                    announced = false;
                    self.sender.send_replace(LinkState::Connecting);
                    if began.elapsed() >= STABLE_AFTER {
                        back_off.reset();
                    }
                }
                Err(why) => {
                    if !announced {
                        log::warn!(
                            "RabbitMQ {}: cannot connect for {}, trying again: {why}",
                            self.broker,
                            self.purpose
                        );
                        announced = true;
                    }
                    self.sender.send_replace(LinkState::Down(why));
                }
            }
            tokio::select! {
                () = back_off.pause() => {}
                () = self.sender.closed() => return,
            }
        }
    }

    async fn connect(&self) -> Result<Connection, String> {
        let properties = ConnectionProperties::default().with_connection_name(self.name.as_str().into());
        let mut attempt = std::pin::pin!(Connection::connect_uri(self.broker.uri(), properties));
        let outcome = match timeout(HANDSHAKE_PATIENCE, attempt.as_mut()).await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.sender.send_replace(LinkState::Down("the broker does not answer".into()));
                let rest = HANDSHAKE_LIMIT.saturating_sub(HANDSHAKE_PATIENCE);
                timeout(rest, attempt).await.map_err(|_| "the broker does not answer".to_owned())?
            }
        };
        outcome.map_err(|error| with_causes(&error))
    }

    /// Makes the connection available, waits until it is lost, and returns the reason.
    async fn hold(&self, connection: Arc<Connection>) -> String {
        let mut events = connection.events_listener();
        self.sender.send_replace(LinkState::Up(Arc::clone(&connection)));
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(Event::ConnectionBlocked(why)) => log::warn!("RabbitMQ {} takes no messages: {why}", self.broker),
                    Some(Event::ConnectionUnblocked) => log::info!("RabbitMQ {} takes messages again", self.broker),
                    Some(Event::Error(error)) if !is_of_a_channel(&error) => return with_causes(&error),
                    Some(_) => {}
                    None => return "closed".into(),
                },
                // There is no event when the broker closes the connection.
                () = sleep(POLL) => if !connection.status().connected() {
                    return "closed by the broker".into();
                },
                () = self.sender.closed() => return String::new(),
            }
        }
    }
}

/// Whether the error closes only a channel, such as one for a queue that does not exist, and not the connection.
/// <https://www.rabbitmq.com/docs/channels#error-handling>
fn is_of_a_channel(error: &lapin::Error) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(error) if matches!(error.kind(), AMQPErrorKind::Soft(_)))
}
