use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_secs(2);

/// The progress of long work, which is printed on standard error every few seconds.
pub(super) struct Progress {
    what: &'static str,
    done: u64,
    said: Instant,
}

impl Progress {
    pub(super) fn of(what: &'static str) -> Self {
        Self { what, done: 0, said: Instant::now() }
    }

    pub(super) fn add(&mut self, count: usize) {
        self.done += count as u64;
        if self.said.elapsed() >= PAUSE {
            self.said = Instant::now();
            eprintln!("{} {} so far ...", self.done, self.what);
        }
    }
}
