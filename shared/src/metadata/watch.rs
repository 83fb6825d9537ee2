//! Waiting for an image to be finished. Whoever waits is woken when this process finishes or deletes the image. What other
//! processes do is found by one query for all images that are waited for.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::schema::images;
use super::{MetadataError, MetadataStore, on_connection};
use crate::ids::ImageId;
use crate::image::State;

/// The images that somebody in this process waits for.
#[derive(Debug, Default)]
pub(super) struct Watchers {
    by_image: Mutex<HashMap<ImageId, Watched>>,
    first: Notify,
}

#[derive(Debug)]
struct Watched {
    changed: Arc<Notify>,
    watchers: usize,
}

impl Watchers {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ImageId, Watched>> {
        self.by_image.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes those who wait for the image.
    pub(super) fn tell(&self, id: ImageId) {
        if let Some(watched) = self.lock().get(&id) {
            watched.changed.notify_waiters();
        }
    }
}

/// The interest in one image, which ends when this is dropped.
#[derive(Debug)]
pub struct Watch {
    id: ImageId,
    changed: Arc<Notify>,
    watchers: Arc<Watchers>,
}

impl Watch {
    /// Completes when the image was finished or deleted after this call. It may complete without a reason.
    pub fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Entry::Occupied(mut entry) = self.watchers.lock().entry(self.id) {
            entry.get_mut().watchers -= 1;
            if entry.get().watchers == 0 {
                entry.remove();
            }
        }
    }
}

impl MetadataStore {
    /// Wakes those who wait for the image, and whoever passes its event on.
    pub(super) fn has_changed(&self, id: ImageId) {
        self.watchers.tell(id);
        self.image_event_is_written();
    }

    /// Begins to wait for an image.
    pub fn watch(&self, id: ImageId) -> Watch {
        let changed = {
            let mut by_image = self.watchers.lock();
            let watched =
                by_image.entry(id).or_insert_with(|| Watched { changed: Arc::default(), watchers: 0 });
            watched.watchers += 1;
            Arc::clone(&watched.changed)
        };
        self.watchers.first.notify_one();
        Watch { id, changed, watchers: Arc::clone(&self.watchers) }
    }

    /// How many images somebody waits for.
    pub fn watched(&self) -> usize {
        self.watchers.lock().len()
    }

    /// Completes as soon as somebody waits for an image.
    pub async fn until_watched(&self) {
        while self.watchers.lock().is_empty() {
            self.watchers.first.notified().await;
        }
    }

    /// Looks at all images that somebody waits for, at most `batch` with each query, and wakes those who wait for one
    /// that is not unfinished any more.
    pub async fn wake_watchers(&self, batch: usize) -> Result<(), MetadataError> {
        let ids: Vec<ImageId> = self.watchers.lock().keys().copied().collect();
        for ids in ids.chunks(batch) {
            let unfinished: Vec<ImageId> = on_connection!(self, |conn| {
                let states = [State::Pending, State::Processing];
                let query = images::table.filter(images::id.eq_any(ids)).filter(images::state.eq_any(states));
                query.select(images::id).load(conn).await
            })?;
            let unfinished: HashSet<ImageId> = unfinished.into_iter().collect();
            for id in ids.iter().filter(|id| !unfinished.contains(id)) {
                self.watchers.tell(*id);
            }
        }
        Ok(())
    }
}
