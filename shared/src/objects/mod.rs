//! The object store: originals and variants, each under one key, handed to clients by signed URL.

mod filesystem;
mod key;
mod s3;
mod window;

use std::fmt;
use std::fs::File;

use async_trait::async_trait;
use bytes::Bytes;
use md5::{Digest, Md5};

pub use filesystem::{FolderStore, Refusal};
pub use key::ObjectKey;
pub use s3::S3Store;
pub use window::SigningWindow;

/// What goes into an object. The content type follows from the key.
#[derive(Debug)]
pub struct Content {
    /// Where the bytes are.
    pub source: ContentSource,
    /// MD5 of the bytes, which S3 checks on arrival (`Content-MD5`, RFC 1864).
    pub md5: [u8; 16],
}

impl Content {
    /// Bytes held in memory.
    pub fn of(bytes: Bytes) -> Self {
        let md5 = Md5::digest(&bytes).into();
        Self { source: ContentSource::Bytes(bytes), md5 }
    }
}

/// Where the bytes of an object come from.
#[derive(Debug)]
pub enum ContentSource {
    /// Held in memory.
    Bytes(Bytes),
    /// A file, read from its start.
    File {
        /// Opened for reading.
        file: File,
        /// Its size in bytes.
        len: u64,
    },
}

/// Somewhere to keep objects.
#[async_trait]
pub trait ObjectStore: Send + Sync + fmt::Debug {
    /// Stores an object whole or not at all; replaces what the key held. Durable on return.
    async fn put(&self, key: &ObjectKey, content: Content) -> Result<(), ObjectError>;

    /// Writes a whole object of at most `max_bytes` to the start of `into`, and tells its length. Unless
    /// that succeeds, what `into` holds is undefined, and something may still be writing to it.
    async fn get(&self, key: &ObjectKey, max_bytes: u64, into: &File) -> Result<u64, ObjectError>;

    /// Removes objects; those that are not there are no error.
    async fn delete(&self, keys: &[ObjectKey]) -> Result<(), ObjectError>;

    /// What follows after `after` in byte order, up to `limit` keys, at most 1,000; no more means the end. Also what no
    /// [`ObjectKey`] would spell: who lists decides what to make of it.
    async fn list(&self, after: &str, limit: usize) -> Result<Vec<String>, ObjectError>;

    /// A URL that reads the object without a token until it expires. `base_url` (scheme and
    /// authority, no slash at the end) is where the api can be reached; only a store that the api
    /// itself serves uses it.
    async fn signed_url(&self, key: &ObjectKey, base_url: &str) -> Result<String, ObjectError>;

    /// Whether the store answers now.
    async fn check(&self) -> Result<(), ObjectError>;

    /// The folder whose objects the api has to serve, if this store is one.
    fn served_folder(&self) -> Option<&FolderStore> {
        None
    }
}

/// Why the object store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// No object has this key.
    #[error("no object at {0}")]
    NotFound(ObjectKey),
    /// The object is larger than the caller takes.
    #[error("the object at {key} has more than {max_bytes} bytes")]
    TooLarge {
        /// Its key.
        key: ObjectKey,
        /// What the caller takes.
        max_bytes: u64,
    },
    /// The store is away or refused; worth another try later.
    #[error("object store: {0}")]
    Unavailable(String),
}
