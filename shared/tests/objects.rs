//! Both object stores pass the same suite; then what only one of them has.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use resizinator_formats::Format;
use resizinator_shared::objects::{
    BucketCreation, Content, ContentSource, FolderStore, ObjectError, ObjectKey, ObjectStore, Refusal,
    S3Store, SigningWindow,
};
use resizinator_shared::settings::{AwsKeys, S3Location, Settings, StorageUrl};
use resizinator_shared::testing::flipping_proxy::FlippingProxy;
use resizinator_shared::testing::objects as suite;
use rusoto_core::Region;
use rusoto_s3::{DeleteBucketRequest, S3, S3Client};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const HOUR: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_secs(4);
const MAX_BYTES: u64 = 50 << 20;

struct Folder {
    store: FolderStore,
    dir: TempDir,
}

impl Folder {
    fn new(lifetime: Duration) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        Self { store: open(&dir, &["secret"], lifetime), dir }
    }
}

fn open(dir: &TempDir, secrets: &[&str], lifetime: Duration) -> FolderStore {
    let secrets = secrets.iter().map(|secret| secret.as_bytes().to_vec()).collect();
    FolderStore::open(dir.path().join("objects"), secrets, SigningWindow::new(lifetime)).expect("a folder")
}

#[async_trait]
impl suite::Visitor for Folder {
    async fn visit(&self, url: &str) -> Option<Bytes> {
        let (path, query) = url.split_once("/objects/")?.1.split_once('?')?;
        let (expires, signature) = query.strip_prefix("expires=")?.split_once("&signature=")?;
        let key = self.store.verify(path, expires, signature).ok()?;
        Some(std::fs::read(self.store.path_of(&key)).expect("the object's file").into())
    }
}

struct Bucket {
    store: S3Store,
    location: S3Location,
}

impl Bucket {
    fn new(lifetime: Duration) -> Self {
        let mut location = location();
        location.prefix += &format!("test-{:032x}/", rand::random::<u128>());
        Self::at(location, lifetime)
    }

    fn at(location: S3Location, lifetime: Duration) -> Self {
        let store = S3Store::new(location.clone(), SigningWindow::new(lifetime)).expect("a store");
        Self { store, location }
    }

    /// Puts through a proxy that flips a bit at this place of the body.
    async fn put_flipped(&self, key: &ObjectKey, content: Content, place: usize) -> Result<(), ObjectError> {
        let mut location = self.location.clone();
        let proxy = FlippingProxy::to(&location.endpoint.expect("a server of its own"), place).await;
        location.endpoint = Some(proxy.url());
        Self::at(location, HOUR).store.put(key, content).await
    }
}

fn location() -> S3Location {
    let url = std::env::var("TEST_STORAGE_URL").unwrap_or_default();
    let settings = Settings::from_lookup(|name| (name == "STORAGE_URL").then(|| url.clone()));
    match settings.map(|settings| settings.storage) {
        Ok(StorageUrl::S3(location)) if std::env::var_os("AWS_ACCESS_KEY_ID").is_some() => *location,
        _ => panic!(
            "These tests need an S3 server: set TEST_STORAGE_URL to \
             s3://BUCKET?region=us-east-1&endpoint=http://127.0.0.1:PORT, AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY."
        ),
    }
}

#[async_trait]
impl suite::Visitor for Bucket {
    async fn visit(&self, url: &str) -> Option<Bytes> {
        let answer = reqwest::get(url).await.expect("an answer");
        match answer.status().as_u16() {
            200 => Some(answer.bytes().await.expect("the bytes")),
            400 | 403 => None,
            status => panic!("status {status}"),
        }
    }
}

macro_rules! every_store {
    ($module:ident, $fixture:ident) => {
        mod $module {
            use super::*;

            every_store!(@plain $fixture:
                what_is_put_comes_back
                what_is_put_together_comes_back
                a_put_replaces
                one_of_many_puts_to_a_key_wins_whole
                parallel_puts_and_deletes_do_not_disturb_each_other
                an_absent_object_is_not_found
                an_object_that_is_too_large_is_not_read
                a_delete_removes_what_is_there
                a_list_goes_through_all_keys_in_order
                a_list_tells_lengths_and_contents
                the_store_answers
                a_url_stays_the_same_within_a_window
            );

            #[tokio::test]
            async fn a_signed_url_reads_the_object() {
                let fixture = $fixture::new(HOUR);
                suite::a_signed_url_reads_the_object(&fixture.store, &fixture).await;
            }

            #[tokio::test]
            async fn a_changed_url_is_refused() {
                let fixture = $fixture::new(HOUR);
                suite::a_changed_url_is_refused(&fixture.store, &fixture).await;
            }

            #[tokio::test]
            async fn an_expired_url_is_refused() {
                let fixture = $fixture::new(SHORT);
                suite::an_expired_url_is_refused(&fixture.store, &fixture, SHORT).await;
            }
        }
    };
    (@plain $fixture:ident: $($behaviour:ident)*) => {$(
        #[tokio::test]
        async fn $behaviour() {
            suite::$behaviour(&$fixture::new(HOUR).store).await;
        }
    )*};
}

every_store!(in_a_folder, Folder);
every_store!(in_s3, Bucket);

fn key() -> ObjectKey {
    ObjectKey::original(&suite::image(Format::Jpeg))
}

/// Path, expiry and signature of a folder's URL.
async fn parts(store: &FolderStore, key: &ObjectKey) -> (String, String, String) {
    let url = store.signed_url(key, "http://images.example").await.expect("a URL");
    let (path, query) = url.split_once("/objects/").expect("the path").1.split_once('?').expect("a query");
    let (expires, signature) = query.split_once("&signature=").expect("a signature");
    (path.into(), expires.trim_start_matches("expires=").into(), signature.into())
}

#[tokio::test]
async fn a_folder_tells_an_expired_url_from_a_forged_one() {
    let folder = Folder::new(SHORT);
    let (path, expires, signature) = parts(&folder.store, &key()).await;
    assert!(folder.store.verify(&path, &expires, &signature).is_ok());
    let forged = [
        (path.clone(), format!("0{expires}"), signature.clone()),
        (path.clone(), expires.clone(), signature.to_uppercase() + "A"),
        (path.clone(), expires.clone(), String::new()),
        (format!("{path}x"), expires.clone(), signature.clone()),
        ("../secret".into(), expires.clone(), signature.clone()),
    ];
    for (path, expires, signature) in forged {
        assert_eq!(folder.store.verify(&path, &expires, &signature), Err(Refusal::BadSignature));
    }
    let start = Instant::now();
    while folder.store.verify(&path, &expires, &signature) != Err(Refusal::Expired) {
        assert!(start.elapsed() < SHORT + Duration::from_secs(1), "never expires");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn during_a_rotation_both_secrets_verify_and_the_first_signs() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (old, both, new) =
        (open(&dir, &["old"], HOUR), open(&dir, &["new", "old"], HOUR), open(&dir, &["new"], HOUR));
    let (path, expires, signature) = parts(&old, &key()).await;
    assert!(both.verify(&path, &expires, &signature).is_ok());
    assert_eq!(new.verify(&path, &expires, &signature), Err(Refusal::BadSignature));
    let (path, expires, signature) = parts(&both, &key()).await;
    assert!(new.verify(&path, &expires, &signature).is_ok());
}

#[tokio::test]
async fn a_folder_keeps_nothing_of_deleted_objects_and_finished_puts() {
    let folder = Folder::new(HOUR);
    let key = key();
    folder.store.put(&key, suite::in_file(&suite::bytes(1000, 1))).await.expect("put");
    folder.store.delete(&[key]).await.expect("delete");
    let objects = folder.dir.path().join("objects");
    let names = |path: &std::path::Path| {
        let entries = std::fs::read_dir(path).expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name()).collect::<Vec<_>>()
    };
    assert_eq!(names(&objects), [".incoming"]);
    assert!(names(&objects.join(".incoming")).is_empty());
}

#[tokio::test]
async fn a_file_without_a_name_becomes_the_object_and_a_file_with_a_name_is_copied() {
    let folder = Folder::new(HOUR);
    let bytes = suite::bytes(300_000, 1);
    let inode = |file: &File| file.metadata().expect("an open file").ino();
    let mut unnamed = tempfile::tempfile_in(folder.dir.path()).expect("a temporary file");
    let mut named = tempfile::NamedTempFile::new_in(folder.dir.path()).expect("a temporary file");
    for (file, is_linked) in [(&mut unnamed, true), (named.as_file_mut(), false)] {
        file.write_all(&bytes).expect("the file takes the bytes");
        let source = ContentSource::File { file: file.try_clone().expect("a file"), len: bytes.len() as u64 };
        let key = key();
        folder.store.put(&key, Content { source, ..suite::in_memory(&bytes) }).await.expect("put");
        let object = File::open(folder.store.path_of(&key)).expect("the object's file");
        assert_eq!(inode(&object) == inode(file), is_linked);
        assert_eq!(object.metadata().expect("an open file").mode() & 0o777, 0o600);
        assert_eq!(suite::get(&folder.store, &key, MAX_BYTES).await.expect("get"), bytes);
    }
}

#[tokio::test]
async fn what_a_killed_process_left_is_cleared_once_it_is_old_enough() {
    let folder = Folder::new(HOUR);
    let incoming = folder.dir.path().join("objects/.incoming");
    let old = std::fs::File::create(incoming.join("old")).expect("a file");
    old.set_modified(std::time::SystemTime::now() - HOUR).expect("a time");
    drop(old);
    std::fs::File::create(incoming.join("new")).expect("a file");
    assert_eq!(folder.store.clear_abandoned(2 * HOUR).await.expect("cleared"), 0);
    assert_eq!(folder.store.clear_abandoned(HOUR / 2).await.expect("cleared"), 1);
    assert!(!incoming.join("old").exists() && incoming.join("new").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_that_is_running_loses_nothing_however_old_its_file_looks() {
    let folder = Folder::new(HOUR);
    let incoming = folder.dir.path().join("objects/.incoming");
    let bytes = suite::bytes(3_000_000, 1);
    let keys: Vec<_> = (0..30).map(|_| key()).collect();
    let puts = async {
        for key in &keys {
            folder.store.put(key, suite::in_file(&bytes)).await.expect("put");
        }
    };
    let clearing = async {
        loop {
            for entry in std::fs::read_dir(&incoming).expect("a folder").flatten() {
                // Once there are bytes, the put has taken hold of its file.
                let Ok(file) = std::fs::File::open(entry.path()) else { continue };
                if file.metadata().is_ok_and(|file| file.len() > 0) {
                    file.set_modified(std::time::SystemTime::now() - 2 * HOUR).expect("a time");
                }
            }
            assert_eq!(folder.store.clear_abandoned(HOUR).await.expect("cleared"), 0);
        }
    };
    tokio::select! {
        () = puts => {}
        () = clearing => {}
    }
    for key in &keys {
        assert!(suite::get(&folder.store, key, MAX_BYTES).await.expect("get") == bytes);
    }
}

#[tokio::test]
async fn a_file_shorter_than_promised_makes_no_object() {
    let (folder, bucket) = (Folder::new(HOUR), Bucket::new(HOUR));
    let stores: [&dyn ObjectStore; 2] = [&folder.store, &bucket.store];
    for store in stores {
        let (key, mut content) = (key(), suite::in_file(&suite::bytes(300_000, 1)));
        if let ContentSource::File { len, .. } = &mut content.source {
            *len += 1;
        }
        let error = store.put(&key, content).await.expect_err("a byte is missing");
        assert!(matches!(error, ObjectError::Unavailable(_)), "{error}");
        assert!(matches!(suite::get(store, &key, MAX_BYTES).await, Err(ObjectError::NotFound(_))));
    }
}

#[tokio::test]
async fn s3_answers_a_signed_url_with_type_and_cache_control() {
    let bucket = Bucket::new(HOUR);
    let key = ObjectKey::original(&suite::image(Format::WebP));
    bucket.store.put(&key, suite::in_file(&suite::bytes(10, 1))).await.expect("put");
    let url = bucket.store.signed_url(&key, "").await.expect("a URL");
    let answer = reqwest::get(url).await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "image/webp");
    assert_eq!(answer.headers()["cache-control"], "private, max-age=900");
    bucket.store.delete(&[key]).await.expect("delete");
}

#[tokio::test]
async fn s3_takes_no_bytes_that_changed_on_the_way() {
    const LEN: usize = 300_000;
    let bucket = Bucket::new(HOUR);
    let (old, new) = (suite::bytes(5000, 1), suite::bytes(LEN, 2));
    for place in [0, LEN / 2, LEN - 1] {
        for content in [suite::in_memory, suite::in_file] {
            let (key, known) = (key(), key());
            bucket.store.put(&known, suite::in_memory(&old)).await.expect("put");
            for key in [&key, &known] {
                let error = bucket.put_flipped(key, content(&new), place).await.expect_err("a flipped bit");
                assert!(error.to_string().contains("400 Bad Request (BadDigest)"), "{error}");
            }
            assert!(matches!(
                suite::get(&bucket.store, &key, MAX_BYTES).await,
                Err(ObjectError::NotFound(_))
            ));
            assert!(suite::get(&bucket.store, &known, MAX_BYTES).await.expect("the old object") == old);
            bucket.store.delete(&[known]).await.expect("delete");
        }
    }
    // It is the bit that is refused, and not the proxy.
    let key = key();
    bucket.put_flipped(&key, suite::in_file(&new), LEN).await.expect("no bit is flipped");
    assert!(suite::get(&bucket.store, &key, MAX_BYTES).await.expect("get") == new);
    bucket.store.delete(&[key]).await.expect("delete");
}

#[tokio::test]
async fn a_put_tells_the_hash_of_its_body_and_signs_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let store = store_at(&listener);
    let server = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.expect("a connection");
        let mut request = Vec::new();
        while !request.ends_with(b"abc") {
            assert!(connection.read_buf(&mut request).await.expect("the request") > 0);
        }
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.expect("the answer");
        String::from_utf8(request).expect("text")
    });
    store.put(&key(), suite::in_memory(&Bytes::from_static(b"abc"))).await.expect("put");
    let request = server.await.expect("the server");
    // The first example of FIPS 180-4.
    let expected = [
        "x-amz-content-sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\r\n",
        "x-amz-checksum-sha256: ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\r\n",
        "SignedHeaders=cache-control;content-type;host;x-amz-checksum-sha256;x-amz-content-sha256;x-amz-date, ",
        "content-length: 3\r\n",
        "content-type: image/jpeg\r\n",
    ];
    for line in expected {
        assert!(request.contains(line), "{line} in {request}");
    }
    assert!(!request.to_lowercase().contains("content-md5"), "{request}");
}

#[tokio::test]
async fn a_prefix_may_have_characters_that_urls_encode() {
    let mut location = location();
    location.prefix += &format!("a b+c/ü$&=~(1)/{:032x}/", rand::random::<u128>());
    let bucket = Bucket::at(location, HOUR);
    suite::what_is_put_comes_back(&bucket.store).await;
    suite::a_signed_url_reads_the_object(&bucket.store, &bucket).await;
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_not_an_absent_object() {
    let mut location = location();
    location.bucket = format!("none-{:032x}", rand::random::<u128>());
    let store = S3Store::new(location, SigningWindow::new(HOUR)).expect("a store");
    // No put: some servers make the bucket for it.
    for outcome in [suite::get(&store, &key(), MAX_BYTES).await.map(drop), store.check().await] {
        let error = outcome.expect_err("there is no bucket");
        assert!(matches!(error, ObjectError::Unavailable(_)), "{error}");
    }
}

#[tokio::test]
async fn a_bucket_is_created_once_and_found_afterwards() {
    let mut location = location();
    location.bucket = format!("new-{:032x}", rand::random::<u128>());
    let store = S3Store::new(location.clone(), SigningWindow::new(HOUR)).expect("a store");
    assert_eq!(store.create_bucket().await.expect("answers"), BucketCreation::Created);
    assert_eq!(store.create_bucket().await.expect("answers"), BucketCreation::WasThere);
    store.check().await.expect("can be used");

    let endpoint = location.endpoint.expect("a server of its own").to_string();
    let region = Region::Custom { name: location.region, endpoint: endpoint.trim_end_matches('/').into() };
    let request = DeleteBucketRequest { bucket: location.bucket, ..Default::default() };
    S3Client::new(region).delete_bucket(request).await.expect("is removed");
}

#[tokio::test]
async fn a_bucket_is_not_created_for_a_stranger() {
    let mut location = location();
    location.bucket = format!("none-{:032x}", rand::random::<u128>());
    location.keys = Some(AwsKeys {
        access_key_id: "stranger".into(),
        secret_access_key: "0123456789abcdef".into(),
        session_token: None,
    });
    let store = S3Store::new(location, SigningWindow::new(HOUR)).expect("a store");
    let outcome = store.create_bucket().await.expect("answers");
    assert!(matches!(&outcome, BucketCreation::Refused(why) if why.contains("403")), "{outcome:?}");
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let store = store_at(&listener);
    drop(listener);
    every_call_is_unavailable(&store).await;
}

#[tokio::test]
async fn a_server_that_never_answers_is_unavailable_within_five_seconds() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let store = store_at(&listener);
    let silent = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok(connection) = listener.accept().await {
            held.push(connection);
        }
    });
    every_call_is_unavailable(&store).await;
    silent.abort();
}

fn store_at(listener: &TcpListener) -> S3Store {
    let mut location = location();
    let address = listener.local_addr().expect("an address");
    location.endpoint = Some(format!("http://{address}").parse().expect("a URL"));
    S3Store::new(location, SigningWindow::new(HOUR)).expect("a store")
}

async fn every_call_is_unavailable(store: &S3Store) {
    let (key, small, large) = (key(), suite::bytes(10, 1), suite::bytes(8_000_000, 1));
    let start = Instant::now();
    let outcomes = tokio::join!(
        store.put(&key, suite::in_memory(&small)),
        store.put(&key, suite::in_file(&large)),
        suite::get(store, &key, MAX_BYTES),
        store.delete(std::slice::from_ref(&key)),
        store.check(),
    );
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let outcomes = [outcomes.0, outcomes.1, outcomes.2.map(drop), outcomes.3, outcomes.4];
    for (call, outcome) in outcomes.into_iter().enumerate() {
        let error = outcome.expect_err("the server is of no use");
        assert!(matches!(error, ObjectError::Unavailable(_)), "call {call}: {error}");
    }
}

#[tokio::test]
async fn a_put_that_meets_a_closed_connection_is_sent_again_whole() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let store = store_at(&listener);
    let server = tokio::spawn(async move {
        // The first connection is closed in the middle of the body.
        let (mut first, _) = listener.accept().await.expect("a connection");
        first.read_exact(&mut [0; 9000]).await.expect("a part of the request");
        drop(first);
        let (mut second, _) = listener.accept().await.expect("a second connection");
        let mut request = Vec::new();
        while !request.ends_with(b"the end") {
            assert!(second.read_buf(&mut request).await.expect("the request") > 0);
        }
        second.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.expect("the answer");
        request
    });
    let bytes: Bytes = [&suite::bytes(500_000, 1)[..], b"the end"].concat().into();
    store.put(&key(), suite::in_file(&bytes)).await.expect("the second try");
    assert!(server.await.expect("the server").ends_with(&bytes));
}
