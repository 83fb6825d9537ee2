//! What the metrics say of the metadata store, and of all images together.

use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Nullable, Timestamp};
use diesel_async::RunQueryDsl;

use super::claims::delta;
use super::columns::names;
use super::turns::HELD;
use super::{Database, MetadataError, MetadataStore, clock, on_connection};
use crate::image::State;

/// How far images are counted. A count has to read every index entry, and beyond this number it says nothing more.
pub(super) const COUNTED: i64 = 1_000;

/// The images of all users that wait for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// The time since the acceptance of the oldest image that is neither ready nor failed; zero if there is none.
    pub oldest: Duration,
    /// How many images were accepted longer ago than `grace` whose job the queue has not confirmed, at most 1,000. Those
    /// that are held back do not count.
    pub unqueued: i64,
    /// How many images are held back until it is the turn of their users, at most 1,000.
    pub held: i64,
}

/// The connections to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// The connections that are used now.
    pub in_use: usize,
    /// The open connections that nobody uses.
    pub idle: usize,
    /// How many connections there may be.
    pub most: usize,
    /// How many calls wait for one.
    pub waiters: usize,
}

impl MetadataStore {
    /// The images that wait for something. It reads the ends of two indexes, however many images there are.
    pub async fn backlog(&self, grace: Duration) -> Result<Backlog, MetadataError> {
        let now = self.naive_now().await?;
        let (oldest, unqueued, held): (Option<NaiveDateTime>, i64, i64) = on_connection!(self, |conn| {
            let unfinished = names(&[State::Pending, State::Processing]);
            let oldest = format!("(SELECT min(accepted_at) FROM images WHERE state IN ({unfinished}))");
            let oldest = sql::<Nullable<Timestamp>>(&oldest);
            let unqueued = sql::<BigInt>(
                "(SELECT count(*) FROM (SELECT 1 FROM images \
                 WHERE state = 'pending' AND queued_at IS NULL AND NOT held AND accepted_at <= ",
            )
            .bind::<Timestamp, _>(now - delta(grace))
            .sql(&format!(" LIMIT {COUNTED}) AS counted)"));
            let held = sql::<BigInt>(&format!(
                "(SELECT count(*) FROM (SELECT 1 FROM images WHERE {HELD} LIMIT {COUNTED}) AS waiting)"
            ));
            diesel::select((oldest, unqueued, held)).get_result(conn).await
        })?;
        let oldest = oldest.map_or(TimeDelta::zero(), |accepted| now - accepted);
        Ok(Backlog { oldest: oldest.to_std().unwrap_or_default(), unqueued, held })
    }

    /// The connections to the database now.
    pub fn pool(&self) -> PoolUse {
        let status = match &self.database {
            Database::Sqlite { pool, .. } => pool.status(),
            Database::Postgres { pool, .. } => pool.status(),
        };
        PoolUse {
            in_use: status.size.saturating_sub(status.available),
            idle: status.available,
            most: status.max_size,
            waiters: status.waiting,
        }
    }

    /// By how much the clock of this machine is ahead of the database's; `None` if there is no other clock, or if it is
    /// not known yet.
    pub fn clock_offset(&self) -> Option<TimeDelta> {
        match &self.database {
            Database::Sqlite { .. } => None,
            Database::Postgres { .. } => self.clock.offset(),
        }
    }

    /// What is wrong with the clock of this machine, as a sentence.
    pub fn clock_problem(&self) -> Option<String> {
        self.clock_offset().and_then(clock::problem)
    }
}
