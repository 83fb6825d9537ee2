//! The time that leases and timestamps are written in: the database's (Postgres) or this process's
//! (SQLite), carried on by the monotonic clock, so that no jump of an api's or a worker's clock is seen while it runs.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// After this long the database is asked again, so that the two clocks do not drift apart.
const GOOD_FOR: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Clock(Mutex<Option<Reading>>);

#[derive(Debug, Clone, Copy)]
struct Reading {
    time: DateTime<Utc>,
    at: Instant,
}

impl Clock {
    /// A clock that needs no database: it starts at `time` and then only runs.
    pub(super) fn starting_at(time: DateTime<Utc>) -> Self {
        Self(Mutex::new(Some(Reading { time, at: Instant::now() })))
    }

    /// The time now, by the last reading whatever its age.
    pub(super) fn now(&self) -> Option<DateTime<Utc>> {
        self.reading().map(Reading::now)
    }

    /// The time now, if the last reading is fresh enough.
    pub(super) fn fresh_now(&self) -> Option<DateTime<Utc>> {
        self.reading().filter(|reading| reading.at.elapsed() < GOOD_FOR).map(Reading::now)
    }

    /// Takes a reading of the database's clock that was asked for at `asked`.
    pub(super) fn set(&self, time: DateTime<Utc>, asked: Instant) {
        *self.lock() = Some(Reading { time, at: asked });
    }

    /// Sets the clock on, never back.
    pub(super) fn advance_to(&self, time: DateTime<Utc>) {
        if self.now().is_some_and(|now| now < time) {
            self.set(time, Instant::now());
        }
    }

    fn reading(&self) -> Option<Reading> {
        *self.lock()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Reading>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Reading {
    fn now(self) -> DateTime<Utc> {
        let elapsed = TimeDelta::from_std(self.at.elapsed()).unwrap_or(TimeDelta::MAX);
        let time = self.time + elapsed;
        // Postgres keeps microseconds, SQLite nanoseconds: both shall read back what was written.
        time.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(time)
    }
}
