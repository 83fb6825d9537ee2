//! Copying the objects. A page of them is copied, listed in the target, and compared, before the next one.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use resizinator_shared::objects::{ObjectError, ObjectKey, ObjectStore};
use resizinator_shared::private;
use tokio::task::spawn_blocking;

use super::super::patience;
use super::hashed::HashedFile;
use super::listing::{Listed, Listing};
use super::progress::Progress;

/// How many objects are on their way at a time.
const AT_ONCE: usize = 8;
#[derive(Default)]
pub(super) struct CopiedObjects {
    /// How many there are.
    pub(super) all: u64,
    /// How many of them were not there before.
    pub(super) copied: u64,
    /// The size of all of them together.
    pub(super) bytes: u64,
}

/// What an object has to be in the target.
#[derive(PartialEq, Eq)]
struct Expected {
    len: u64,
    md5: [u8; 16],
}

/// Copies the objects that the target does not have, and compares every one.
pub(super) async fn copy(
    from: &dyn ObjectStore,
    to: &dyn ObjectStore,
    temporary: &Path,
) -> anyhow::Result<CopiedObjects> {
    private::create_folder(temporary)
        .with_context(|| format!("RESIZINATOR_DATA: the folder {}", temporary.display()))?;
    let copying = Copying { from, to, temporary };
    let mut progress = Progress::of("objects", copying.survey().await?);
    let (mut done, mut before) = (CopiedObjects::default(), String::new());
    let (mut source, mut target) = (Listing::after(from, ""), Listing::after(to, ""));
    loop {
        let page = source.next_page().await?;
        let Some(last) = page.last().map(|object| object.key.clone()) else { return Ok(done) };
        let there = target.up_to(&last).await?;
        let there: HashMap<&str, &Listed> =
            there.iter().map(|object| (object.key.as_str(), object)).collect();
        let mut expected = HashMap::new();
        let mut running = stream::iter(&page)
            .map(|object| copying.one(object, there.get(object.key.as_str()).copied()))
            .buffer_unordered(AT_ONCE);
        while let Some((key, object, is_new)) = running.try_next().await? {
            done.all += 1;
            done.copied += u64::from(is_new);
            done.bytes += object.len;
            expected.insert(key.as_str(), object);
            progress.add(1);
        }
        drop(running);
        let now = Listing::after(to, &before).up_to(&last).await?;
        copying.compare(expected, now).await?;
        before = last.as_str().to_owned();
    }
}

struct Copying<'a> {
    from: &'a dyn ObjectStore,
    to: &'a dyn ObjectStore,
    temporary: &'a Path,
}

impl Copying<'_> {
    /// Counts the objects of the source, and refuses a target with other ones.
    async fn survey(&self) -> anyhow::Result<u64> {
        let (mut source, mut target) = (Listing::after(self.from, ""), Listing::after(self.to, ""));
        let mut count = 0;
        loop {
            let page = source.next_page().await?;
            let others = match page.last() {
                Some(last) => target.up_to(&last.key).await?,
                None => target.next_page().await?,
            };
            let ours: HashSet<_> = page.iter().map(|object| object.key.as_str()).collect();
            if let Some(other) = others.iter().find(|object| !ours.contains(object.key.as_str())) {
                bail!(
                    "TO_STORAGE_URL: the object {} is none of the source: a bucket or a prefix without other objects is \
                     expected",
                    other.key
                );
            }
            if page.is_empty() {
                break;
            }
            count += page.len() as u64;
        }
        if source.foreign > 0 {
            eprintln!(
                "{} objects have names that Resizinator does not use, and are not copied.",
                source.foreign
            );
        }
        Ok(count)
    }

    /// Copies an object unless the target has it. Returns what it has to be, and whether it was copied now.
    async fn one<'o>(
        &self,
        object: &'o Listed,
        there: Option<&Listed>,
    ) -> anyhow::Result<(&'o ObjectKey, Expected, bool)> {
        let Listed { key, len, md5 } = object;
        let there = there.filter(|there| there.len == *len);
        if let Some(md5) = *md5
            && there.is_some_and(|there| there.md5 == Some(md5))
        {
            return Ok((key, Expected { len: *len, md5 }, false));
        }
        let read = self.read(self.from, key, *len).await?;
        let expected = Expected { len: *len, md5: read.md5 };
        if let Some(there) = there
            && self.md5(there).await? == expected.md5
        {
            return Ok((key, expected, false));
        }
        patiently(async || {
            let content = read.content().map_err(|error| ObjectError::Unavailable(error.to_string()))?;
            self.to.put(key, content).await
        })
        .await
        .context("TO_STORAGE_URL")?;
        Ok((key, expected, true))
    }

    /// Compares what the target lists with what was read from the source.
    async fn compare(&self, expected: HashMap<&str, Expected>, now: Vec<Listed>) -> anyhow::Result<()> {
        let mut left = expected;
        for there in now {
            let Some(expected) = left.remove(there.key.as_str()) else { continue };
            let is_same = there.len == expected.len && self.md5(&there).await? == expected.md5;
            ensure!(is_same, "TO_STORAGE_URL: the object {} is not what was copied", there.key);
        }
        let missing = left.keys().min();
        ensure!(missing.is_none(), "TO_STORAGE_URL: the object {} is missing", missing.unwrap_or(&""));
        Ok(())
    }

    /// MD5 of an object in the target. It is read if the store does not know it.
    async fn md5(&self, there: &Listed) -> anyhow::Result<[u8; 16]> {
        match there.md5 {
            Some(md5) => Ok(md5),
            None => Ok(self.read(self.to, &there.key, there.len).await?.md5),
        }
    }

    /// An object of this length, read and hashed. What is in a folder is read in its place.
    async fn read(&self, store: &dyn ObjectStore, key: &ObjectKey, len: u64) -> anyhow::Result<HashedFile> {
        let file = match store.served_folder() {
            Some(folder) => File::open(folder.path_of(key)).with_context(|| format!("the object {key}"))?,
            None => {
                let file = tempfile::tempfile_in(self.temporary).context("RESIZINATOR_DATA")?;
                patiently(async || store.get(key, len, &file).await).await?;
                file
            }
        };
        let read = spawn_blocking(move || HashedFile::read(file)).await?;
        let read = read.with_context(|| format!("the object {key}"))?;
        let bytes = read.len;
        ensure!(
            bytes == len,
            "the object {key} has {bytes} bytes and not {len}: does the service still run?"
        );
        Ok(read)
    }
}

/// Does something that can be repeated, as long as the store is away for a short time only.
pub(super) async fn patiently<T>(work: impl AsyncFn() -> Result<T, ObjectError>) -> Result<T, ObjectError> {
    patience::patiently(|error| matches!(error, ObjectError::Unavailable(_)), work).await
}
