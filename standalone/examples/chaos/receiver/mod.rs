//! Receivers of webhooks that die and come back, answer 500, hang, or take a message and do not say so.

mod check;
mod message;
mod record;
mod server;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use rand::RngExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

pub(crate) use self::check::WebhookFindings;
use self::message::Secret;
use self::record::Record;
use self::server::Mood;
use crate::events::{self, Event};
use crate::stage::Stage;

const RECEIVERS: usize = 3;
/// How long the delivery of the last events may take: the lease of a delivery that nobody ended, the pause of a webhook
/// that fails, a delivery that hangs, and much to spare.
const BOUND: Duration = Duration::from_secs(240);
/// Longer pauses of webhooks that fail are ended, as a user would whose receiver is back. Shorter ones end by themselves.
const LONGEST_PAUSE: f64 = 35.0;

/// The receivers of a run.
pub(crate) struct Receivers {
    receivers: Vec<Receiver>,
    tasks: JoinSet<()>,
}

struct Receiver {
    webhook: i64,
    record: Arc<Record>,
    mood: watch::Sender<Mood>,
    /// The task that changes the mood.
    trouble: tokio::task::AbortHandle,
    /// How often the pause of the webhook was ended.
    enabled: usize,
}

impl Receivers {
    /// Starts the receivers and registers them. No image may have been uploaded yet.
    pub(crate) async fn open(stage: &Stage) -> anyhow::Result<Self> {
        let (mut tasks, mut receivers) = (JoinSet::new(), Vec::new());
        for _ in 0..RECEIVERS {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            let (webhook, secret) =
                register(stage, &format!("http://{}/events/", listener.local_addr()?)).await?;
            let (record, (mood, watched)) = (Arc::new(Record::default()), watch::channel(Mood::Well));
            tasks.spawn(server::serve(listener, Arc::new(secret), Arc::clone(&record), watched));
            let trouble = tasks.spawn(trouble(mood.clone()));
            receivers.push(Receiver { webhook, record, mood, trouble, enabled: 0 });
        }
        Ok(Self { receivers, tasks })
    }

    /// Waits until every event is delivered, and compares the deliveries with the database. Every image has to have ended.
    pub(crate) async fn verify(mut self, stage: &Stage) -> anyhow::Result<Vec<WebhookFindings>> {
        for receiver in &self.receivers {
            receiver.trouble.abort();
            receiver.mood.send_replace(Mood::Well);
        }
        let events = self.delivered(stage).await?;
        self.tasks.shutdown().await;
        let mut findings = Vec::new();
        for receiver in &self.receivers {
            let mut these = check::check(&receiver.record.take(), &events);
            these.enabled = receiver.enabled;
            if let Some(reason) = state(stage, receiver.webhook).await?.disabled {
                these.strange.push(format!("the webhook was disabled: {reason}"));
            }
            findings.push(these);
        }
        Ok(findings)
    }

    /// Waits until each receiver has every event, or until the longest time has passed. Returns the events.
    async fn delivered(&mut self, stage: &Stage) -> anyhow::Result<Vec<Event>> {
        let begin = Instant::now();
        loop {
            let (waiting, events) = (events::waiting(stage).await?, events::all(stage).await?);
            let are_delivered =
                waiting == 0 && self.receivers.iter().all(|receiver| receiver.record.has_all(&events));
            if are_delivered || begin.elapsed() > BOUND {
                return Ok(events);
            }
            for receiver in &mut self.receivers {
                if state(stage, receiver.webhook).await?.pause > LONGEST_PAUSE {
                    enable(stage, receiver.webhook).await?;
                    receiver.enabled += 1;
                }
            }
            sleep(Duration::from_millis(500)).await;
        }
    }
}

async fn register(stage: &Stage, url: &str) -> anyhow::Result<(i64, Secret)> {
    let request = stage.http.post(format!("{}/user/webhooks/", stage.bases[0])).json(&json!({ "url": url }));
    let request = request.header("Authorization", format!("Token {}", stage.token));
    let webhook: Value = request.send().await?.error_for_status()?.json().await?;
    let secret = webhook["secret"].as_str().context("a secret")?;
    Ok((webhook["id"].as_i64().context("an id")?, Secret::parse(secret)?))
}

async fn enable(stage: &Stage, webhook: i64) -> anyhow::Result<()> {
    let request = stage.http.post(format!("{}/user/webhooks/{webhook}/enable/", stage.bases[0]));
    let request = request.header("Authorization", format!("Token {}", stage.token));
    request.send().await?.error_for_status()?;
    Ok(())
}

struct State {
    disabled: Option<String>,
    /// The seconds until the next try of a webhook that fails.
    pause: f64,
}

async fn state(stage: &Stage, webhook: i64) -> anyhow::Result<State> {
    let query = "
        SELECT CASE WHEN disabled_at IS NOT NULL THEN coalesce(disabled_reason, '') END,
            CASE WHEN tries > 0 THEN extract(epoch FROM due_at - (now() AT TIME ZONE 'UTC'))::float8 END
        FROM webhooks WHERE id = $1";
    let row = stage.connect().await?.query_one(query, &[&webhook]).await?;
    Ok(State { disabled: row.get(0), pause: row.get::<_, Option<f64>>(1).unwrap_or_default() })
}

/// Changes the mood of a receiver, which is well for most of the time.
async fn trouble(mood: watch::Sender<Mood>) {
    loop {
        let (next, well, trouble) = {
            let mut random = rand::rng();
            let next = match random.random_range(0..10) {
                0..=3 => Mood::Away,
                4..=5 => Mood::Fails,
                6..=8 => Mood::TakesAndDies,
                _ => Mood::Hangs,
            };
            let mut milliseconds = |from, to| Duration::from_millis(random.random_range(from..to));
            (next, milliseconds(2000, 9000), milliseconds(300, 3000))
        };
        sleep(well).await;
        mood.send_replace(next);
        sleep(trouble).await;
        mood.send_replace(Mood::Well);
    }
}
