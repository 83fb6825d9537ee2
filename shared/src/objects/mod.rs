//! The object store: it keeps originals and variants, each under its key. Clients read them by signed URLs.

mod filesystem;
mod key;
mod s3;
mod window;

use std::fmt;
use std::fs::File;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use sha2::{Digest, Sha256};

pub use filesystem::{FolderStore, Refusal};
pub use key::ObjectKey;
pub use s3::{BucketCreation, S3Store};
pub use window::SigningWindow;

/// The content of an object that is to be stored. Its content type follows from the key.
#[derive(Debug)]
pub struct Content {
    /// The place of the bytes.
    pub source: ContentSource,
    /// SHA-256 of the bytes, which S3 checks when they arrive.
    pub sha256: [u8; 32],
}

impl Content {
    /// Makes the content from bytes in memory.
    pub fn of(bytes: Bytes) -> Self {
        let sha256 = Sha256::digest(&bytes).into();
        Self { source: ContentSource::Bytes(bytes), sha256 }
    }
}

/// The place from which the bytes of an object are read.
#[derive(Debug)]
pub enum ContentSource {
    /// Bytes in memory.
    Bytes(Bytes),
    /// An open file, whose content is read from its first byte. Nobody writes to it any more: if it has no name, a folder
    /// may keep the file itself as the object.
    File {
        /// The file, which is open for reading.
        file: File,
        /// The size of the file in bytes.
        len: u64,
    },
}

/// An object, with what its store tells of it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// The key, or another name that is no [`ObjectKey`].
    pub name: String,
    /// The size in bytes.
    pub len: u64,
    /// MD5 of the bytes, if the store keeps it.
    pub md5: Option<[u8; 16]>,
}

/// A store of objects.
#[async_trait]
pub trait ObjectStore: Send + Sync + fmt::Debug {
    /// Stores an object, either completely or not at all, and replaces the object that the key had. When it returns,
    /// the object is durable.
    async fn put(&self, key: &ObjectKey, content: Content) -> Result<(), ObjectError>;

    /// Stores several objects at the same time, each of them as [`Self::put`] stores one. If one of them fails, the others are
    /// still waited for before the error is returned, so that no put is cut off in the middle.
    async fn put_all(&self, objects: Vec<(ObjectKey, Content)>) -> Result<(), ObjectError> {
        let puts = objects.into_iter().map(|(key, content)| async move { self.put(&key, content).await });
        join_all(puts).await.into_iter().collect()
    }

    /// Writes an object of at most `max_bytes` to the start of `into`, and returns its length. If this fails, the
    /// content of `into` is undefined, and something may still be writing to it.
    async fn get(&self, key: &ObjectKey, max_bytes: u64, into: &File) -> Result<u64, ObjectError>;

    /// Removes objects. It is no error if one does not exist.
    async fn delete(&self, keys: &[ObjectKey]) -> Result<(), ObjectError>;

    /// Lists up to `limit` keys, and at most 1,000, that come after `after` in byte order. An empty list means the end.
    /// Names that are no [`ObjectKey`] are listed too, and the caller decides what to do with them.
    async fn list(&self, after: &str, limit: usize) -> Result<Vec<String>, ObjectError>;

    /// Lists as [`Self::list`] does, with what the store knows of each object.
    async fn list_objects(&self, after: &str, limit: usize) -> Result<Vec<ListedObject>, ObjectError>;

    /// Makes a URL that reads the object without a token until it expires. `base_url` is the scheme and authority of
    /// the api, without a slash at the end; only a store that the api itself serves uses it.
    async fn signed_url(&self, key: &ObjectKey, base_url: &str) -> Result<String, ObjectError>;

    /// The origin (scheme and host) of all signed URLs; `None` if it is that of the api, which serves the objects itself.
    fn origin(&self) -> Option<String> {
        None
    }

    /// The signing time of the URLs that are made now, which is rounded down to the beginning of the signing window. As
    /// long as this time stays the same, the signed URL of an object stays the same.
    fn signing_time(&self) -> DateTime<Utc>;

    /// Checks whether the store answers now.
    async fn check(&self) -> Result<(), ObjectError>;

    /// Removes what puts that were broken off have left for longer than `age`, and returns how many files that were. A put
    /// that is running loses nothing. S3 needs none of it: each put is one request, which leaves nothing unless it is
    /// complete.
    async fn clear_abandoned(&self, age: Duration) -> Result<usize, ObjectError> {
        let _ = age;
        Ok(0)
    }

    /// The folder whose objects the api has to serve; `None` if this store is not a folder.
    fn served_folder(&self) -> Option<&FolderStore> {
        None
    }
}

/// The reason for which a call of the object store failed.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// No object has this key.
    #[error("no object at {0}")]
    NotFound(ObjectKey),
    /// The object is larger than the caller allows.
    #[error("the object at {key} has more than {max_bytes} bytes")]
    TooLarge {
        /// The key of the object.
        key: ObjectKey,
        /// The size that the caller allows, in bytes.
        max_bytes: u64,
    },
    /// The store is away or has refused the call. A later try may succeed.
    #[error("object store: {0}")]
    Unavailable(String),
}
