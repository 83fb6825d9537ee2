//! How far the command is: a bar on a terminal, and otherwise a line every few seconds.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

const PAUSE: Duration = Duration::from_secs(2);
const BAR: &str = "{msg} [{bar:40}] {pos} of {len}, {eta} left";

pub(super) struct Progress {
    what: &'static str,
    /// It draws nothing if standard error is no terminal.
    bar: ProgressBar,
    said: Instant,
}

impl Progress {
    pub(super) fn of(what: &'static str, all: u64) -> Self {
        let bar = ProgressBar::new(all).with_message(what);
        if let Ok(style) = ProgressStyle::with_template(BAR) {
            bar.set_style(style);
        }
        Self { what, bar, said: Instant::now() }
    }

    pub(super) fn add(&mut self, count: usize) {
        self.bar.inc(count as u64);
        if self.bar.is_hidden() && self.said.elapsed() >= PAUSE {
            self.said = Instant::now();
            let all = self.bar.length().unwrap_or_default();
            eprintln!("{} of {all} {} ...", self.bar.position(), self.what);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
