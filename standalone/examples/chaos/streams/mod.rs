//! Clients that read `GET events/` while things break, over connections that die. Each resumes its stream with
//! `Last-Event-ID`, at any replica.

mod block;
mod check;
mod client;
mod record;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rand::RngExt;
use tokio::task::JoinSet;
use tokio::time::sleep;

pub(crate) use self::check::StreamFindings;
use self::client::Client;
use self::record::Record;
use crate::events::{self, Event};
use crate::ledger::Ledger;
use crate::proxy::{Mode, Proxy};
use crate::stage::Stage;

/// The number of streams that begin before the first upload.
const FROM_THE_BEGINNING: usize = 3;
/// How long after the first upload one more stream begins.
const LATER: Duration = Duration::from_secs(20);
/// How long a stream may take to tell the last event, once every image has ended: a heartbeat of a connection that died
/// unseen, some tries to connect, and much to spare.
const BOUND: Duration = Duration::from_secs(90);

/// The streams of a run.
pub(crate) struct Streams {
    records: Vec<Arc<Record>>,
    /// Connections do not die any more from here on.
    over: Arc<AtomicBool>,
    tasks: JoinSet<()>,
    begun: Instant,
}

impl Streams {
    /// Opens the streams, and returns when those have begun that have to see every event.
    pub(crate) async fn open(stage: &Stage) -> anyhow::Result<Self> {
        let over = Arc::new(AtomicBool::new(false));
        let (mut tasks, mut bases) = (JoinSet::new(), Vec::new());
        for base in &stage.bases {
            let address: SocketAddr = base.strip_prefix("http://").context("an address")?.parse()?;
            let proxy = Proxy::to(address).await?;
            bases.push(format!("http://{}", proxy.address));
            tasks.spawn(break_connections(proxy, Arc::clone(&over)));
        }
        let mut records = Vec::new();
        for number in 0..=FROM_THE_BEGINNING {
            let is_later = number == FROM_THE_BEGINNING;
            let record = Arc::new(Record::new(!is_later));
            let client = Client::new(stage, &bases, Arc::clone(&record), Arc::clone(&over))?;
            tasks.spawn(async move {
                sleep(if is_later { LATER } else { Duration::ZERO }).await;
                client.run().await;
            });
            records.push(record);
        }
        let begun = Instant::now();
        while !records[..FROM_THE_BEGINNING].iter().all(|record| record.has_begun()) {
            ensure!(begun.elapsed() < BOUND, "no stream of events begins");
            sleep(Duration::from_millis(50)).await;
        }
        Ok(Self { records, over, tasks, begun })
    }

    /// Waits until the last event of every image is seen, and compares the streams with the ledger and the database.
    /// Every image has to have ended.
    pub(crate) async fn verify(
        mut self,
        stage: &Stage,
        ledger: &Ledger,
    ) -> anyhow::Result<Vec<StreamFindings>> {
        self.over.store(true, Ordering::Relaxed);
        let events = self.seen(stage).await?;
        self.tasks.shutdown().await;
        let uploads = ledger.uploads();
        Ok(self.records.iter().map(|record| check::check(&record.take(), &events, &uploads)).collect())
    }

    /// Waits until every event is numbered and each stream has come to the last one, or until the longest time has
    /// passed. Returns the events.
    async fn seen(&self, stage: &Stage) -> anyhow::Result<Vec<Event>> {
        ensure!(self.begun.elapsed() < Duration::from_secs(24 * 3600), "events are kept for a day");
        let begin = Instant::now();
        loop {
            let (waiting, events) = (events::waiting(stage).await?, events::all(stage).await?);
            let newest = events.last().map_or(0, |event| event.id);
            let are_seen = waiting == 0 && self.records.iter().all(|record| record.is_at(newest));
            if are_seen || begin.elapsed() > BOUND {
                return Ok(events);
            }
            sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Disturbs the connections to one api, with pauses in which streams get on.
async fn break_connections(proxy: Proxy, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) {
        let (mode, outage, pause) = {
            let mut random = rand::rng();
            let mode = match random.random_range(0..5) {
                0 => Mode::Closed,
                1 => Mode::Silent,
                2 => Mode::Slow(Duration::from_millis(random.random_range(0..700))),
                // In the middle of an event, or of the head of an answer.
                _ => Mode::CutOff(random.random_range(50..1500)),
            };
            let mut milliseconds = |from, to| Duration::from_millis(random.random_range(from..to));
            (mode, milliseconds(200, 3000), milliseconds(500, 4000))
        };
        proxy.disturb(mode, outage).await;
        sleep(pause).await;
    }
    // The proxy stays, and only passes on.
    std::future::pending::<()>().await;
}
