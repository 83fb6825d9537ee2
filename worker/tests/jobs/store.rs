//! A folder store that runs an action of the story before each call.

use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use resizinator_shared::objects::{Content, FolderStore, ListedObject, ObjectError, ObjectKey, ObjectStore};

/// An action that runs before a call. If it fails, its error replaces the call.
pub(crate) type Fault = Box<dyn FnOnce() -> BoxFuture<'static, Result<(), ObjectError>> + Send>;

/// An action that happens once.
#[derive(Default)]
struct Once(Mutex<Option<Fault>>);

impl Once {
    fn set(&self, fault: Fault) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
    }

    async fn run(&self) -> Result<(), ObjectError> {
        let fault = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match fault {
            Some(fault) => fault().await,
            None => Ok(()),
        }
    }
}

pub(crate) struct FaultyStore {
    inner: FolderStore,
    next_get: Once,
    next_put: Once,
    checks: AtomicUsize,
    puts: AtomicUsize,
}

impl FaultyStore {
    pub(crate) fn new(inner: FolderStore) -> Self {
        let (next_get, next_put) = (Once::default(), Once::default());
        Self { inner, next_get, next_put, checks: AtomicUsize::new(0), puts: AtomicUsize::new(0) }
    }

    pub(crate) fn at_next_get(&self, fault: Fault) {
        self.next_get.set(fault);
    }

    pub(crate) fn at_next_put(&self, fault: Fault) {
        self.next_put.set(fault);
    }

    /// How many times the worker checked the store: once at its start, and then while it waits.
    pub(crate) fn checks(&self) -> usize {
        self.checks.load(Ordering::SeqCst)
    }

    /// How many objects were stored completely.
    pub(crate) fn puts(&self) -> usize {
        self.puts.load(Ordering::SeqCst)
    }
}

impl std::fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn put(&self, key: &ObjectKey, content: Content) -> Result<(), ObjectError> {
        self.next_put.run().await?;
        self.inner.put(key, content).await?;
        self.puts.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn get(&self, key: &ObjectKey, max_bytes: u64, into: &File) -> Result<u64, ObjectError> {
        self.next_get.run().await?;
        self.inner.get(key, max_bytes, into).await
    }

    async fn delete(&self, keys: &[ObjectKey]) -> Result<(), ObjectError> {
        self.inner.delete(keys).await
    }

    async fn list(&self, after: &str, limit: usize) -> Result<Vec<String>, ObjectError> {
        self.inner.list(after, limit).await
    }

    async fn list_objects(&self, after: &str, limit: usize) -> Result<Vec<ListedObject>, ObjectError> {
        self.inner.list_objects(after, limit).await
    }

    async fn signed_url(&self, key: &ObjectKey, base_url: &str) -> Result<String, ObjectError> {
        self.inner.signed_url(key, base_url).await
    }

    fn signing_time(&self) -> DateTime<Utc> {
        self.inner.signing_time()
    }

    async fn check(&self) -> Result<(), ObjectError> {
        self.checks.fetch_add(1, Ordering::SeqCst);
        self.inner.check().await
    }
}
