//! The behaviours of every object store. Each function tests one behaviour and removes the objects that it stored.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::Utc;
use futures_util::future::try_join_all;
use md5::{Digest, Md5};

use resizinator_formats::Format;

use super::{generation, id};
use crate::ids::{Generation, ObjectId};
use crate::image::{Image, State};
use crate::objects::{Content, ContentSource, ObjectError, ObjectKey, ObjectStore};
use crate::trace::Trace;
use crate::variant::VariantKind;

const MAX_BYTES: u64 = 50 << 20;
const BASE_URL: &str = "http://images.example";
const KB: usize = 1000;

/// A client who has only a URL.
#[async_trait]
pub trait Visitor: Sync {
    /// Reads the bytes at the URL; `None` if the server refuses.
    async fn visit(&self, url: &str) -> Option<Bytes>;
}

/// Makes an image with a random object id, from which a test can make keys.
pub fn image(format: Format) -> Image {
    Image {
        id: id(1),
        user_id: id(1),
        state: State::Ready,
        object_id: ObjectId::random(),
        generation: Generation::FIRST,
        visible_generation: Some(Generation::FIRST),
        file_name: format!("a.{}", format.extensions()[0]),
        format,
        bytes: 1,
        sha256: "0".repeat(64),
        header: None,
        claim: id(1),
        attempts: 0,
        variants: None,
        error_code: None,
        error_detail: None,
        accepted_at: Some(Utc::now()),
        original_missed_at: None,
        finished_at: None,
        trace: Trace::default(),
        created_at: Utc::now(),
        updated_at: Utc::now(),
    }
}

/// Makes `len` bytes that differ from seed to seed.
pub fn bytes(len: usize, seed: u64) -> Bytes {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// Makes content from bytes in memory.
pub fn in_memory(bytes: &Bytes) -> Content {
    Content::of(bytes.clone())
}

/// Makes content from a file that was just written, so that its cursor is at the end.
pub fn in_file(bytes: &Bytes) -> Content {
    let file = file(bytes);
    let source = ContentSource::File { file, len: bytes.len() as u64 };
    Content { source, ..in_memory(bytes) }
}

fn file(bytes: &Bytes) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("the file takes the bytes");
    file.seek(SeekFrom::End(0)).expect("a file has an end");
    file
}

/// Reads a whole object of at most `max_bytes` into memory.
pub async fn get(store: &dyn ObjectStore, key: &ObjectKey, max_bytes: u64) -> Result<Bytes, ObjectError> {
    let mut file = tempfile::tempfile().expect("a temporary file");
    let len = store.get(key, max_bytes, &file).await?;
    let mut bytes = Vec::new();
    file.rewind().expect("a file has a start");
    file.read_to_end(&mut bytes).expect("the file");
    assert_eq!(bytes.len() as u64, len, "the length that was told");
    Ok(bytes.into())
}

/// All objects of one `put_all` can be read afterwards, whether they are new or replace older objects.
pub async fn what_is_put_together_comes_back(store: &dyn ObjectStore) {
    let image = image(Format::Jpeg);
    let keys = VariantKind::ALL.map(|kind| ObjectKey::variant(&image, Generation::FIRST, kind));
    for seed in [1, 2] {
        let bytes = [bytes(4 * KB, seed), bytes(30 * KB, seed)];
        let objects = keys.iter().cloned().zip(bytes.iter().map(in_memory)).collect();
        store.put_all(objects).await.expect("put");
        for (key, bytes) in keys.iter().zip(&bytes) {
            assert!(get(store, key, MAX_BYTES).await.expect("get") == *bytes, "{key}");
        }
    }
    store.delete(&keys).await.expect("delete");
}

/// An object that was put comes back byte for byte, whatever its size is and whether it came from memory or a file.
pub async fn what_is_put_comes_back(store: &dyn ObjectStore) {
    for len in [0, 1, 61 * KB, 6000 * KB] {
        let bytes = bytes(len, len as u64);
        for content in [in_memory(&bytes), in_file(&bytes)] {
            let key = ObjectKey::original(&image(Format::Jpeg));
            store.put(&key, content).await.expect("put");
            let got = get(store, &key, MAX_BYTES).await.expect("get");
            assert!(got == bytes, "{len} bytes came back as {} bytes, or others", got.len());
            store.delete(&[key]).await.expect("delete");
        }
    }
}

/// A put replaces the object that the key had.
pub async fn a_put_replaces(store: &dyn ObjectStore) {
    let key = ObjectKey::original(&image(Format::Png));
    for len in [9000, 40] {
        store.put(&key, in_memory(&bytes(len, 1))).await.expect("put");
    }
    assert_eq!(get(store, &key, MAX_BYTES).await.expect("get"), bytes(40, 1));
    store.delete(&[key]).await.expect("delete");
}

/// If several puts to one key run at the same time, the result is the whole object of one of them.
pub async fn one_of_many_puts_to_a_key_wins_whole(store: &dyn ObjectStore) {
    let key = ObjectKey::original(&image(Format::Gif));
    let contents: Vec<_> = (0..8).map(|seed| bytes(300 * KB, seed)).collect();
    try_join_all(contents.iter().map(|bytes| store.put(&key, in_file(bytes)))).await.expect("puts");
    let got = get(store, &key, MAX_BYTES).await.expect("get");
    assert!(contents.contains(&got));
    store.delete(&[key]).await.expect("delete");
}

/// Puts and deletes that run at the same time do not disturb each other, even for keys of one image.
pub async fn parallel_puts_and_deletes_do_not_disturb_each_other(store: &dyn ObjectStore) {
    let image = image(Format::WebP);
    let neighbours: Vec<_> = generation(13)
        .earlier()
        .flat_map(|generation| VariantKind::ALL.map(|kind| ObjectKey::variant(&image, generation, kind)))
        .collect();
    let rounds = neighbours.iter().enumerate().map(|(seed, key)| async move {
        let bytes = bytes(5000 + seed, seed as u64);
        for _ in 0..5 {
            store.put(key, in_memory(&bytes)).await?;
            assert_eq!(get(store, key, MAX_BYTES).await?, bytes);
            store.delete(std::slice::from_ref(key)).await?;
        }
        Ok::<(), ObjectError>(())
    });
    try_join_all(rounds).await.expect("rounds of put, get and delete");
}

/// An object that nobody put is not found.
pub async fn an_absent_object_is_not_found(store: &dyn ObjectStore) {
    let key = ObjectKey::original(&image(Format::Jpeg));
    let error = get(store, &key, MAX_BYTES).await.expect_err("nothing was put");
    assert!(matches!(&error, ObjectError::NotFound(absent) if *absent == key), "{error}");
}

/// An object with more bytes than the caller allows is not read; one with exactly as many is read.
pub async fn an_object_that_is_too_large_is_not_read(store: &dyn ObjectStore) {
    let key = ObjectKey::original(&image(Format::Bmp));
    store.put(&key, in_memory(&bytes(1000, 1))).await.expect("put");
    assert_eq!(get(store, &key, 1000).await.expect("get").len(), 1000);
    let error = get(store, &key, 999).await.expect_err("one byte too many");
    assert!(matches!(error, ObjectError::TooLarge { max_bytes: 999, .. }), "{error}");
    store.delete(&[key]).await.expect("delete");
}

/// One call deletes many objects, even if some of them are absent. Other objects stay.
pub async fn a_delete_removes_what_is_there(store: &dyn ObjectStore) {
    let image = image(Format::Tiff);
    let keys = ObjectKey::all_of(&image);
    let [absent, gone @ ..] = keys.as_slice() else { panic!("an image has keys") };
    let kept = ObjectKey::original(&self::image(Format::Tiff));
    for key in gone.iter().chain([&kept]) {
        store.put(key, in_memory(&bytes(10, 1))).await.expect("put");
    }
    for _twice in 0..2 {
        store.delete(&keys).await.expect("delete");
        for key in gone.iter().chain([absent]) {
            assert!(matches!(get(store, key, MAX_BYTES).await, Err(ObjectError::NotFound(_))));
        }
    }
    get(store, &kept, MAX_BYTES).await.expect("the other image's object");
    store.delete(&[kept]).await.expect("delete");
    store.delete(&[]).await.expect("a delete of nothing");
}

/// A list names all keys once and in order, however short its pages are. (The store has to be empty.)
pub async fn a_list_goes_through_all_keys_in_order(store: &dyn ObjectStore) {
    let mut keys: Vec<_> = (0..4)
        .flat_map(|_| {
            let image = Image { generation: generation(11), ..image(Format::Png) };
            let [original, .., medium] = &ObjectKey::all_of(&image)[..] else { panic!("an image has keys") };
            [
                original.clone(),
                ObjectKey::variant(&image, Generation::FIRST, VariantKind::Small),
                medium.clone(),
            ]
        })
        .collect();
    try_join_all(keys.iter().map(|key| store.put(key, in_memory(&bytes(10, 1))))).await.expect("puts");
    keys.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    for limit in [1, 5, 12, 1000] {
        let mut listed: Vec<String> = Vec::new();
        loop {
            let after = listed.last().map_or("", String::as_str);
            let page = store.list(after, limit).await.expect("a list");
            assert!(page.len() <= limit);
            if page.is_empty() {
                break;
            }
            listed.extend(page);
        }
        assert!(keys.iter().map(ObjectKey::as_str).eq(listed.iter()), "{listed:#?}");
    }
    store.delete(&keys).await.expect("delete");
    assert!(store.list("", 10).await.expect("a list").is_empty());
}

/// A list tells the length of each object, and its MD5 if it tells one at all.
pub async fn a_list_tells_lengths_and_contents(store: &dyn ObjectStore) {
    for len in [0, 61 * KB, 6000 * KB] {
        let (key, bytes) = (ObjectKey::original(&image(Format::Jpeg)), bytes(len, 7));
        store.put(&key, in_file(&bytes)).await.expect("put");
        let listed = store.list_objects("", 10).await.expect("a list");
        let [object] = &listed[..] else { panic!("{listed:?}") };
        assert_eq!((object.name.as_str(), object.len), (key.as_str(), len as u64));
        assert!(object.md5.is_none_or(|md5| md5[..] == Md5::digest(&bytes)[..]), "{object:?}");
        store.delete(&[key]).await.expect("delete");
    }
}

/// The store answers a check.
pub async fn the_store_answers(store: &dyn ObjectStore) {
    store.check().await.expect("the store is there");
}

/// A signed URL gives the object to everybody who has it.
pub async fn a_signed_url_reads_the_object(store: &dyn ObjectStore, visitor: &dyn Visitor) {
    let (key, bytes) = (ObjectKey::original(&image(Format::Jpeg)), bytes(61 * KB, 5));
    store.put(&key, in_memory(&bytes)).await.expect("put");
    let url = store.signed_url(&key, BASE_URL).await.expect("a URL");
    assert_eq!(visitor.visit(&url).await, Some(bytes));
    store.delete(&[key]).await.expect("delete");
}

/// A URL with another signature, expiry or key is refused.
pub async fn a_changed_url_is_refused(store: &dyn ObjectStore, visitor: &dyn Visitor) {
    let keys = [Format::Jpeg, Format::Jpeg].map(|format| ObjectKey::original(&image(format)));
    for key in &keys {
        store.put(key, in_memory(&bytes(100, 1))).await.expect("put");
    }
    let url = store.signed_url(&keys[0], BASE_URL).await.expect("a URL");
    assert!(visitor.visit(&url).await.is_some());
    let last = if url.ends_with('0') { "1" } else { "0" };
    let (before_query, _) = url.split_once('?').expect("a query");
    let changed = [
        url.replace(keys[0].as_str(), keys[1].as_str()),
        format!("{}{last}", &url[..url.len() - 1]),
        url[..url.len() - 2].to_owned(),
        // A URL of the folder says when it expires, and one of S3 says how long it works.
        url.replace("?expires=", "?expires=1").replace("X-Amz-Expires=", "X-Amz-Expires=1"),
        before_query.to_owned(),
    ];
    for url in changed {
        assert_eq!(visitor.visit(&url).await, None, "{url}");
    }
    store.delete(&keys).await.expect("delete");
}

/// An object keeps its URL within a window. (The store's window has to last some minutes.)
pub async fn a_url_stays_the_same_within_a_window(store: &dyn ObjectStore) {
    let key = ObjectKey::original(&image(Format::Jpeg));
    let mut urls = Vec::new();
    for _ in 0..3 {
        urls.push(store.signed_url(&key, BASE_URL).await.expect("a URL"));
        until_another_second().await;
    }
    // The window may end once during the test.
    urls.dedup();
    assert!(urls.len() <= 2, "{urls:?}");
}

/// Waits for the next second. SigV4 signs whole seconds, so a URL that is signed with the present time is different
/// then.
async fn until_another_second() {
    let second = || std::time::SystemTime::UNIX_EPOCH.elapsed().expect("a clock after 1970").as_secs();
    let present = second();
    while second() == present {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// A URL is refused when its lifetime is over. (The store's window has to last a few seconds.)
pub async fn an_expired_url_is_refused(
    store: &dyn ObjectStore,
    visitor: &dyn Visitor,
    lifetime: std::time::Duration,
) {
    let key = ObjectKey::original(&image(Format::Jpeg));
    store.put(&key, in_memory(&bytes(100, 1))).await.expect("put");
    let url = store.signed_url(&key, BASE_URL).await.expect("a URL");
    let signed = std::time::Instant::now();
    assert!(visitor.visit(&url).await.is_some());
    while visitor.visit(&url).await.is_some() {
        // Servers that count whole seconds may take one second more.
        assert!(signed.elapsed() < lifetime + std::time::Duration::from_secs(2), "still served");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    store.delete(&[key]).await.expect("delete");
}
