//! What one receiver was sent.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::events::Event;

/// The story of one receiver.
#[derive(Debug, Default)]
pub(crate) struct Record(Mutex<Story>);

#[derive(Debug, Default)]
pub(crate) struct Story {
    /// The messages with a good signature, in the order in which they came.
    pub(crate) taken: Vec<Event>,
    /// Those of them that were answered 200, in the order of the answers.
    pub(crate) answered: Vec<Event>,
    /// How often the receiver died.
    pub(crate) deaths: usize,
    /// What no sender may do.
    pub(crate) strange: Vec<String>,
}

impl Record {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Story> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn has_all(&self, events: &[Event]) -> bool {
        let story = self.lock();
        let answered: HashSet<i64> = story.answered.iter().map(|event| event.id).collect();
        events.iter().all(|event| answered.contains(&event.id))
    }

    pub(crate) fn take(&self) -> Story {
        std::mem::take(&mut *self.lock())
    }
}
