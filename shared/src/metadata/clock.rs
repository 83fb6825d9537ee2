//! The clock for leases and timestamps. It starts from the time of the database (Postgres) or of this process (SQLite),
//! and the monotonic clock carries it on, so that a jump of an api's or a worker's clock has no effect while it runs.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::skew;

/// How long a reading is good for. Then the database is asked again, so that the two clocks do not drift apart.
const GOOD_FOR: Duration = Duration::from_secs(10);

/// By how much the clock of this machine may differ from the database's. A signed URL is good for an hour from the time
/// of this machine.
pub(super) const MOST_OFFSET: TimeDelta = TimeDelta::minutes(1);

#[derive(Debug, Default)]
pub(super) struct Clock {
    reading: Mutex<Option<Reading>>,
    /// Whether the log says that the clock of this machine is off.
    is_told: AtomicBool,
}

#[derive(Debug, Clone, Copy)]
struct Reading {
    time: DateTime<Utc>,
    at: Instant,
}

impl Clock {
    /// Makes a clock that needs no database: it starts at `time` and is never read again.
    pub(super) fn starting_at(time: DateTime<Utc>) -> Self {
        Self {
            reading: Mutex::new(Some(Reading { time, at: Instant::now() })),
            is_told: AtomicBool::new(false),
        }
    }

    /// The time now by the last reading, however old that is; `None` before the first reading.
    pub(super) fn now(&self) -> Option<DateTime<Utc>> {
        self.reading().map(Reading::now)
    }

    /// The time now, if the last reading is fresh enough.
    pub(super) fn fresh_now(&self) -> Option<DateTime<Utc>> {
        self.reading().filter(|reading| reading.at.elapsed() < GOOD_FOR).map(Reading::now)
    }

    /// Sets the clock to a time of the database. `asked` is when the database was asked for it.
    pub(super) fn set(&self, time: DateTime<Utc>, asked: Instant) {
        *self.lock() = Some(Reading { time, at: asked });
    }

    /// By how much the clock of this machine is ahead of this one; `None` before the first reading.
    pub(super) fn offset(&self) -> Option<TimeDelta> {
        self.now().map(|time| Utc::now() - time)
    }

    /// Logs that the clock of this machine is off, once until it is right again.
    pub(super) fn tell_offset(&self) {
        let problem = self.offset().and_then(problem);
        let is_told = self.is_told.swap(problem.is_some(), Ordering::Relaxed);
        if let Some(problem) = problem
            && !is_told
        {
            log::warn!("{problem}");
        }
    }

    /// Sets the clock forward to `time`. It never goes back.
    pub(super) fn advance_to(&self, time: DateTime<Utc>) {
        if self.now().is_some_and(|now| now < time) {
            self.set(time, Instant::now());
        }
    }

    fn reading(&self) -> Option<Reading> {
        *self.lock()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Reading>> {
        self.reading.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// What is wrong with a clock that is ahead by so much, as a sentence; `None` if nothing is.
pub(super) fn problem(offset: TimeDelta) -> Option<String> {
    (offset.abs() > MOST_OFFSET).then(|| {
        format!(
            "the clock of this machine is {} that of the database; at most {} s are expected, since signed URLs go by it",
            skew::in_words(offset),
            MOST_OFFSET.num_seconds()
        )
    })
}

impl Reading {
    fn now(self) -> DateTime<Utc> {
        let elapsed = TimeDelta::from_std(self.at.elapsed()).unwrap_or(TimeDelta::MAX);
        let time = self.time + elapsed;
        // Postgres keeps microseconds and SQLite nanoseconds. With microseconds, both read back what was written.
        time.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(time)
    }
}
