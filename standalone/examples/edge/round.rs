//! One round: bad connections of one kind at a time, with the good client beside them.

use std::time::Duration;

use anyhow::{Context, ensure};
use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};

use crate::api::{Api, Limits};
use crate::attack::Attack;
use crate::good::{Experience, GoodClient};

/// How long after its limit a bad connection may still be there.
pub(crate) const LATEST: Duration = Duration::from_secs(30);
/// How long the good client goes on at least.
const AT_LEAST: Duration = Duration::from_secs(5);
/// How long the api may take to give back what the connections cost.
const TIDY: Duration = Duration::from_secs(60);
/// Descriptors that come and go with the good client and the pools.
const SLACK: usize = 24;

/// What a round showed.
pub(crate) struct Round {
    pub(crate) attack: Attack,
    pub(crate) connections: usize,
    pub(crate) good: Experience,
    /// When the last bad connection was gone after the last one was opened, without what its limit allows.
    pub(crate) gone_after: Duration,
    pub(crate) peak_memory: u64,
    pub(crate) descriptors: (usize, usize),
    pub(crate) temporary_files: usize,
}

pub(crate) async fn run(
    attack: Attack,
    connections: usize,
    api: &Api,
    good: &GoodClient,
    limits: &Limits,
) -> anyhow::Result<Round> {
    let before = api.descriptors()?;
    api.forget_peak()?;
    let allowed = attack.allowed(limits);
    let attackers = async {
        let begun = Instant::now();
        let all = join_all((0..connections).map(|number| async move {
            // They come one after the other within a second, as fast as strangers' connections do.
            sleep(Duration::from_secs(1).mul_f64(number as f64 / connections as f64)).await;
            attack.run(number, api, good).await
        }));
        let outcomes = timeout(Duration::from_secs(1) + allowed + LATEST, all).await;
        let gone_after = begun.elapsed().saturating_sub(Duration::from_secs(1) + allowed);
        let outcomes = outcomes.context("some bad connections are still open")?;
        let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        // A connection that is closed while it still sends is what is wanted, but it has to get in at first.
        ensure!(failed < connections / 2, "{failed} of {connections} bad connections failed: {outcomes:?}");
        sleep(AT_LEAST.saturating_sub(begun.elapsed())).await;
        anyhow::Ok(gone_after)
    };
    let (over, is_over) = tokio::sync::oneshot::channel::<()>();
    let (gone_after, good) = tokio::join!(
        async {
            let gone_after = attackers.await;
            drop(over);
            gone_after
        },
        good.work(async { drop(is_over.await) }),
    );
    let (gone_after, good) = (gone_after?, good?);
    let begun = Instant::now();
    let (after, temporary_files) = loop {
        let now = (api.descriptors()?, api.temporary_files()?);
        if (now.0 <= before + SLACK && now.1 == 0) || begun.elapsed() > TIDY {
            break now;
        }
        sleep(Duration::from_millis(200)).await;
    };
    Ok(Round {
        attack,
        connections,
        good,
        gone_after,
        peak_memory: api.peak_memory()?,
        descriptors: (before, after),
        temporary_files,
    })
}

impl Round {
    pub(crate) fn keeps_its_descriptors(&self) -> bool {
        self.descriptors.1 <= self.descriptors.0 + SLACK
    }
}
