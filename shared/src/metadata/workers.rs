//! The queries for the workers that are running. Each worker keeps a row of its own.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::cached::Cached;
use super::claims::delta;
use super::schema::workers;
use super::{MetadataError, MetadataStore, on_connection};
use crate::ids::WorkerId;

/// What a worker says of itself every few seconds.
#[derive(Debug)]
pub struct Heartbeat<'a> {
    /// The id of the worker.
    pub id: &'a WorkerId,
    /// The host that it runs on.
    pub host: &'a str,
    /// The id of its process on that host.
    pub pid: u32,
    /// The version of the program.
    pub version: &'a str,
    /// How many images it renders at a time at most.
    pub slots: u16,
    /// How many jobs it has under way.
    pub busy: u32,
    /// Whether jobs can come.
    pub consuming: bool,
    /// How long it has been running.
    pub running: Duration,
}

/// A worker as its last heartbeat describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// The id, which the worker made when it started.
    pub id: String,
    /// The host that it runs on.
    pub host: String,
    /// The id of its process on that host.
    pub pid: i64,
    /// The version of the program.
    pub version: String,
    /// How many images it renders at a time at most.
    pub slots: i64,
    /// How many jobs it had under way.
    pub busy: i64,
    /// Whether jobs could come.
    pub consuming: bool,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it last said so.
    pub seen_at: DateTime<Utc>,
}

type WorkerRow = (String, String, i64, String, i64, i64, bool, NaiveDateTime, NaiveDateTime);

impl MetadataStore {
    /// Writes the row of a worker.
    pub async fn beat(&self, beat: &Heartbeat<'_>) -> Result<(), MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let always = (
                workers::slots.eq(i64::from(beat.slots)),
                workers::busy.eq(i64::from(beat.busy)),
                workers::consuming.eq(beat.consuming),
                workers::seen_at.eq(now),
            );
            let first = (
                workers::id.eq(beat.id),
                workers::host.eq(beat.host),
                workers::pid.eq(i64::from(beat.pid)),
                workers::version.eq(beat.version),
                workers::started_at.eq(now - delta(beat.running)),
            );
            let write = diesel::insert_into(workers::table).values((first, always));
            Cached(write.on_conflict(workers::id).do_update().set(always)).execute(conn).await?;
            Ok(())
        })
    }

    /// Removes the row of a worker that ends.
    pub async fn forget_worker(&self, id: &WorkerId) -> Result<(), MetadataError> {
        on_connection!(self, |conn| {
            diesel::delete(workers::table.filter(workers::id.eq(id))).execute(conn).await?;
            Ok(())
        })
    }

    /// Removes the rows of workers that have said nothing for so long, since they were killed. Returns how many there
    /// were.
    pub async fn forget_silent_workers(&self, silence: Duration) -> Result<usize, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let silent = workers::table.filter(workers::seen_at.lt(now - delta(silence)));
            diesel::delete(silent).execute(conn).await
        })
    }

    /// The workers that have said within this time that they run, in the order of their hosts: at most `limit` of them.
    pub async fn workers(&self, within: Duration, limit: i64) -> Result<Vec<Worker>, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let rows: Vec<WorkerRow> = workers::table
                .filter(workers::seen_at.ge(now - delta(within)))
                .order((workers::host, workers::started_at, workers::id))
                .limit(limit)
                .load(conn)
                .await?;
            Ok(rows.into_iter().map(worker).collect())
        })
    }
}

fn worker(row: WorkerRow) -> Worker {
    let (id, host, pid, version, slots, busy, consuming, started_at, seen_at) = row;
    Worker {
        id,
        host,
        pid,
        version,
        slots,
        busy,
        consuming,
        started_at: started_at.and_utc(),
        seen_at: seen_at.and_utc(),
    }
}
