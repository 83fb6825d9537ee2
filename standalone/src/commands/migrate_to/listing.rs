//! The list of all objects of a store, read page by page in byte order.

use std::collections::VecDeque;

use resizinator_shared::objects::{ListedObject, ObjectKey, ObjectStore};

use super::objects::patiently;

/// How many objects are in memory at a time.
const PAGE: usize = 1000;

/// An object with a key of ours.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) key: ObjectKey,
    pub(super) len: u64,
    pub(super) md5: Option<[u8; 16]>,
}

pub(super) struct Listing<'a> {
    store: &'a dyn ObjectStore,
    page: VecDeque<Listed>,
    after: String,
    ended: bool,
    /// How many names were none of ours so far.
    pub(super) foreign: u64,
}

impl<'a> Listing<'a> {
    /// Lists the objects after a name, which may be empty.
    pub(super) fn after(store: &'a dyn ObjectStore, after: &str) -> Self {
        Self { store, page: VecDeque::new(), after: after.to_owned(), ended: false, foreign: 0 }
    }

    /// The next objects, at least one and at most a page; none at the end.
    pub(super) async fn next_page(&mut self) -> anyhow::Result<Vec<Listed>> {
        self.fill().await?;
        Ok(self.page.drain(..).collect())
    }

    /// The next objects, up to and including this key.
    pub(super) async fn up_to(&mut self, last: &ObjectKey) -> anyhow::Result<Vec<Listed>> {
        let mut found = Vec::new();
        loop {
            self.fill().await?;
            match self.page.pop_front_if(|object| object.key.as_str() <= last.as_str()) {
                Some(object) => found.push(object),
                None => return Ok(found),
            }
        }
    }

    async fn fill(&mut self) -> anyhow::Result<()> {
        while self.page.is_empty() && !self.ended {
            let listed = patiently(async || self.store.list_objects(&self.after, PAGE).await).await?;
            let Some(last) = listed.last() else {
                self.ended = true;
                return Ok(());
            };
            self.after = last.name.clone();
            for ListedObject { name, len, md5 } in listed {
                match ObjectKey::parse(&name) {
                    Some(key) => self.page.push_back(Listed { key, len, md5 }),
                    None => self.foreign += 1,
                }
            }
        }
        Ok(())
    }
}
