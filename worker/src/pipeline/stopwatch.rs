//! The time that this thread spent on the steps of the image that it renders.

use std::cell::Cell;
use std::time::{Duration, Instant};

thread_local! {
    static SPENT: Cell<Stopwatch> = const { Cell::new(Stopwatch { resize: Duration::ZERO, encode: Duration::ZERO }) };
}

/// The time of the steps that can be told apart.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch {
    pub(crate) resize: Duration,
    pub(crate) encode: Duration,
}

impl Stopwatch {
    /// The time since the last call of this.
    pub(crate) fn read() -> Self {
        SPENT.replace(Self { resize: Duration::ZERO, encode: Duration::ZERO })
    }
}

/// Does work that is part of resizing.
pub(super) fn resizing<T>(work: impl FnOnce() -> T) -> T {
    timed(work, |spent, time| spent.resize += time)
}

/// Does work that is part of encoding.
pub(super) fn encoding<T>(work: impl FnOnce() -> T) -> T {
    timed(work, |spent, time| spent.encode += time)
}

fn timed<T>(work: impl FnOnce() -> T, add: impl FnOnce(&mut Stopwatch, Duration)) -> T {
    let begun = Instant::now();
    let done = work();
    let mut spent = SPENT.get();
    add(&mut spent, begun.elapsed());
    SPENT.set(spent);
    done
}
