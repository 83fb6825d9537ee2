//! What one client was told over all of its connections.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::block::Block;
use crate::events::Event;

/// The story of one stream.
#[derive(Debug, Default)]
pub(crate) struct Record(Mutex<Story>);

#[derive(Debug, Default, Clone)]
pub(crate) struct Story {
    /// Whether the stream has to have every event of the run.
    pub(crate) from_the_beginning: bool,
    /// The id of the first block, after which every event has to be told.
    pub(crate) first: Option<i64>,
    /// The id of the last block that had one: that of an event, or where the stream was without any.
    pub(crate) last: Option<i64>,
    /// The events, each once.
    pub(crate) events: Vec<Event>,
    told: HashSet<i64>,
    pub(crate) connections: usize,
    /// The tries to connect that gave no stream.
    pub(crate) refused: usize,
    /// The ids of events that came once more.
    pub(crate) doubled: Vec<i64>,
    /// The ids of events that came late, with the one before.
    pub(crate) late: Vec<(i64, i64)>,
    /// What no stream may say.
    pub(crate) strange: Vec<String>,
}

impl Record {
    pub(crate) fn new(from_the_beginning: bool) -> Self {
        Self(Mutex::new(Story::new(from_the_beginning)))
    }

    fn lock(&self) -> MutexGuard<'_, Story> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.lock().first.is_some()
    }

    /// Whether the stream has told its events up to this one.
    pub(crate) fn is_at(&self, id: i64) -> bool {
        self.lock().last.is_some_and(|last| last >= id)
    }

    /// The `Last-Event-ID` of the next connection.
    pub(crate) fn last(&self) -> Option<i64> {
        self.lock().last
    }

    pub(crate) fn take(&self) -> Story {
        std::mem::take(&mut *self.lock())
    }

    pub(crate) fn note_connection(&self) {
        self.lock().connections += 1;
    }

    pub(crate) fn note_refusal(&self) {
        self.lock().refused += 1;
    }

    pub(crate) fn note_strange(&self, what: String) {
        self.lock().strange.push(what);
    }

    pub(crate) fn note(&self, block: Block) {
        self.lock().note(block);
    }
}

impl Story {
    pub(crate) fn new(from_the_beginning: bool) -> Self {
        Self { from_the_beginning, ..Self::default() }
    }

    pub(crate) fn note(&mut self, block: Block) {
        let Some(id) = block.id else {
            if block.event.is_some() {
                self.strange.push(format!("an event without an id: {block:?}"));
            }
            return;
        };
        self.first.get_or_insert(id);
        let last = self.last.replace(id);
        let Some(kind) = block.event else {
            // It says where the stream is, which is never before what it has told.
            if let Some(last) = last.filter(|&last| id < last) {
                self.strange.push(format!("the stream is at {id} after {last}"));
            }
            return;
        };
        if kind == "reset" {
            self.strange.push(format!("a reset to {id}, after {last:?}"));
            return;
        }
        if !self.told.insert(id) {
            self.doubled.push(id);
            return;
        }
        if let Some(last) = last.filter(|&last| id <= last) {
            self.late.push((id, last));
        }
        let data = &block.data;
        let image = data["image_id"].as_i64().unwrap_or_default();
        if data["id"].as_i64() != Some(id) || data["type"].as_str() != Some(&kind) || image == 0 {
            self.strange.push(format!("event {id} {kind} has the data {data}"));
        }
        self.events.push(Event { id, image, kind });
    }
}
