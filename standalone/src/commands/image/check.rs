//! The command that compares the rows with the objects.
//!
//! Both are listed in the order of the images' random ids, so that neither list has to be kept in memory. Uploads and
//! deletes go on meanwhile, so whatever looks wrong is checked once more on its own.

use std::collections::{HashMap, VecDeque};

use anyhow::ensure;
use resizinator_shared::backends::Backends;
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::ids::ObjectId;
use resizinator_shared::image::{Image, State};
use resizinator_shared::objects::{ObjectKey, ObjectStore};
use resizinator_shared::variant::VariantKind;

use super::progress::Progress;

const PAGE: usize = 1000;
/// More objects than one image has.
const MANY: usize = 1000;

pub(super) async fn run(backends: &Backends, fix: bool) -> anyhow::Result<()> {
    let (mut findings, mut foreign, mut progress) = (0, 0, Progress::of("images"));
    let mut objects =
        Objects { store: &*backends.objects, page: VecDeque::new(), after: String::new(), ended: false };
    let mut after = None;
    loop {
        let rows = backends.metadata.by_object(after.as_ref(), i64::try_from(PAGE)?).await?;
        let last = rows.last().map(|row| row.object_id.clone());
        let mut keys: HashMap<ObjectId, Vec<ObjectKey>> = HashMap::new();
        for path in objects.up_to(last.as_ref()).await? {
            match ObjectKey::parse(&path) {
                Some(key) => keys.entry(key.object_id().clone()).or_default().push(key),
                None => foreign += 1,
            }
        }
        let mut doubtful = Vec::new();
        for row in &rows {
            let keys = keys.remove(&row.object_id).unwrap_or_default();
            if missing(Some(row), &keys).is_some() {
                doubtful.push(row.object_id.clone());
            }
        }
        doubtful.extend(keys.into_keys());
        for object_id in doubtful {
            findings += usize::from(look_again(backends, &object_id, fix).await?);
        }
        progress.add(rows.len());
        match last {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    if foreign > 0 {
        println!("{foreign} objects have names that Resizinator does not use, and are left alone.");
    }
    match (findings, fix) {
        (0, _) => println!("Images and objects agree."),
        (_, true) => println!("{findings} images were repaired."),
        (_, false) => println!("{findings} images are wrong; --fix repairs them."),
    }
    ensure!(findings == 0 || fix, "images and objects do not agree");
    Ok(())
}

enum Missing {
    Row,
    Original,
    Variants,
}

fn missing(row: Option<&Image>, keys: &[ObjectKey]) -> Option<Missing> {
    let Some(row) = row else { return (!keys.is_empty()).then_some(Missing::Row) };
    // Upkeep removes the objects of these images.
    if matches!(row.state, State::Receiving | State::Deleted) {
        return None;
    }
    if !keys.contains(&ObjectKey::original(row)) {
        // If the row already says so, there is nothing more to do.
        let is_known = row.error_code == Some(FailureCode::OriginalMissing.into());
        return (!is_known).then_some(Missing::Original);
    }
    let is_there = |generation| {
        VariantKind::ALL.iter().all(|&kind| keys.contains(&ObjectKey::variant(row, generation, kind)))
    };
    (row.state == State::Ready && !row.visible_generation.is_some_and(is_there)).then_some(Missing::Variants)
}

/// Checks one image again, and repairs it if `fix` is set. Returns whether it is still wrong and its row has not
/// changed during the check.
async fn look_again(backends: &Backends, object_id: &ObjectId, fix: bool) -> anyhow::Result<bool> {
    let Backends { metadata, objects, .. } = backends;
    let row = metadata.of_object(object_id).await?;
    let folder = ObjectKey::folder(object_id);
    let paths = objects.list(&folder, MANY).await?;
    let keys: Vec<_> = paths.iter().filter_map(|path| ObjectKey::parse(path)).collect();
    let keys: Vec<_> = keys.into_iter().filter(|key| key.object_id() == object_id).collect();
    let Some(missing) = missing(row.as_ref(), &keys) else { return Ok(false) };
    if metadata.of_object(object_id).await? != row {
        return Ok(false);
    }
    let name =
        row.as_ref().map_or_else(|| format!("{folder}*"), |row| format!("image {} ({folder})", row.id));
    match missing {
        Missing::Row => {
            println!("{name}: {} objects belong to no image", keys.len());
            if fix {
                objects.delete(&keys).await?;
            }
        }
        Missing::Original => {
            println!("{name}: the original is missing");
            if let Some(row) = row.filter(|_| fix) {
                let code = FailureCode::OriginalMissing;
                metadata.fail_without_original(row.id, code, code.sentence()).await?;
            }
        }
        Missing::Variants => {
            println!("{name}: a variant is missing");
            if let Some(row) = row.filter(|_| fix) {
                metadata.reprocess(row.id).await?;
            }
        }
    }
    Ok(true)
}

/// The list of all keys in the store, which is read page by page.
struct Objects<'a> {
    store: &'a dyn ObjectStore,
    page: VecDeque<String>,
    after: String,
    ended: bool,
}

impl Objects<'_> {
    /// The next keys, up to those of this object id; all that are left if there is no object id.
    async fn up_to(&mut self, object_id: Option<&ObjectId>) -> anyhow::Result<Vec<String>> {
        // The character after the slash in byte order is 0, so this comes after all keys of the image.
        let end = object_id.map(|id| format!("{}0", ObjectKey::folder(id).trim_end_matches('/')));
        let mut keys = Vec::new();
        loop {
            if self.page.is_empty() && !self.ended {
                self.page = self.store.list(&self.after, PAGE).await?.into();
                self.ended = self.page.is_empty();
                self.after = self.page.back().cloned().unwrap_or_default();
            }
            let is_next = |key: &String| end.as_ref().is_none_or(|end| key < end);
            match self.page.pop_front_if(|key| is_next(key)) {
                Some(key) => keys.push(key),
                None => return Ok(keys),
            }
        }
    }
}
