//! One client: it reads until the connection dies, and connects again where it was.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use rand::RngExt;
use reqwest::StatusCode;
use tokio::time::{sleep, timeout};

use super::block::Blocks;
use super::record::Record;
use crate::stage::Stage;

/// How long a connection may be silent. It has a heartbeat every 15 s.
const SILENCE: Duration = Duration::from_secs(20);
/// How long a client waits for the beginning of a stream.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Client {
    http: reqwest::Client,
    bases: Vec<String>,
    token: String,
    record: Arc<Record>,
    over: Arc<AtomicBool>,
}

impl Client {
    /// Makes a client of the apis at `bases`.
    pub(crate) fn new(
        stage: &Stage,
        bases: &[String],
        record: Arc<Record>,
        over: Arc<AtomicBool>,
    ) -> anyhow::Result<Self> {
        // A stream has no end, so the whole answer has no time limit.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build()?;
        Ok(Self { http, bases: bases.to_vec(), token: stage.token.clone(), record, over })
    }

    pub(crate) async fn run(self) {
        loop {
            let (base, lifetime, pause) = {
                let mut random = rand::rng();
                let lifetime = match random.random_range(0..3) {
                    0 => Duration::from_millis(random.random_range(0..15_000)),
                    _ => Duration::MAX,
                };
                let pause = Duration::from_millis(random.random_range(50..1500));
                (&self.bases[random.random_range(0..self.bases.len())], lifetime, pause)
            };
            // Once nothing is broken any more, the client cuts no connection either.
            let lifetime = if self.over.load(Ordering::Relaxed) { Duration::MAX } else { lifetime };
            if let Ok(Err(error)) = timeout(lifetime, self.read(base)).await {
                self.record.note_strange(format!("{error:#}"));
            }
            sleep(pause).await;
        }
    }

    /// Reads a stream until its connection dies. Fails if the api says something that it must not say.
    async fn read(&self, base: &str) -> anyhow::Result<()> {
        let request = self.http.get(format!("{base}/events/")).header("Accept", "text/event-stream");
        let mut request = request.header("Authorization", format!("Token {}", self.token));
        let last = self.record.last();
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last.to_string());
        }
        let mut answer = match timeout(PATIENCE, request.send()).await {
            Ok(Ok(answer)) if answer.status() == StatusCode::OK => answer,
            Ok(Ok(answer)) => {
                self.record.note_refusal();
                // The places of connections that died unseen may be taken until the next heartbeat.
                let is_passing = matches!(answer.status().as_u16(), 429 | 503);
                ensure!(is_passing, "a stream was answered {}", answer.status());
                return Ok(());
            }
            Ok(Err(_)) | Err(_) => {
                self.record.note_refusal();
                return Ok(());
            }
        };
        self.record.note_connection();
        let (mut blocks, mut is_first) = (Blocks::default(), true);
        while let Ok(Ok(Some(piece))) = timeout(SILENCE, answer.chunk()).await {
            for block in blocks.add(&piece).context("no stream of events")? {
                if std::mem::take(&mut is_first) {
                    let goes_on = block.id.is_some() && (last.is_none() || block.id == last);
                    if !goes_on {
                        self.record.note_strange(format!("a stream after {last:?} began with {block:?}"));
                    }
                }
                self.record.note(block);
            }
        }
        Ok(())
    }
}
