//! The room on the disk of the temporary files. An upload reserves what it will write before it writes, so that many
//! uploads together do not fill the disk, and each is refused before its body is read.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use resizinator_shared::settings::{Settings, StorageUrl};

use crate::error::ApiError;
use crate::metrics::Limit;

/// How many bytes an upload of unknown length reserves at a time.
const STEP: u64 = 1 << 20;

/// How long a measurement of the free space may be used again, as long as [`AMPLE`] bytes more than needed were free.
const FRESH: Duration = Duration::from_secs(1);
/// More bytes than anybody writes to the disk while a measurement is used again.
const AMPLE: u64 = 4 << 30;

/// The disk of the temporary files.
#[derive(Debug)]
pub(crate) struct Disk {
    folder: PathBuf,
    /// How many bytes stay free.
    min_free: u64,
    /// How often a file is on this disk at the same time: twice if the objects are on it too.
    copies: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many bytes the running uploads have reserved and not written.
    promised: u64,
    /// How many bytes were free when the disk was last asked.
    free: Option<(Instant, u64)>,
}

/// What one upload has reserved. It is given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Room {
    disk: Arc<Disk>,
    /// The length of the upload for which there is room.
    len: u64,
    promise: Promise,
}

/// Bytes that are reserved and not written. They are given back when this is dropped.
#[derive(Debug)]
struct Promise {
    disk: Arc<Disk>,
    bytes: u64,
}

impl Disk {
    /// The disk below the folder for temporary files, which exists.
    pub(crate) fn of(settings: &Settings) -> Arc<Self> {
        let folder = settings.temporary_folder();
        let takes_objects = match &settings.storage {
            StorageUrl::Folder(objects) => is_same_device(&folder, objects),
            StorageUrl::S3(_) => false,
        };
        Arc::new(Self {
            folder,
            min_free: settings.limits.uploads.min_free_disk,
            copies: if takes_objects { 2 } else { 1 },
            state: Mutex::default(),
        })
    }

    /// Reserves room for an upload that announces its length, or a first step for one that does not.
    pub(crate) async fn reserve(self: &Arc<Self>, announced: Option<u64>) -> Result<Room, ApiError> {
        let nothing = Promise { disk: Arc::clone(self), bytes: 0 };
        let mut room = Room { disk: Arc::clone(self), len: 0, promise: nothing };
        room.grow_to(announced.unwrap_or(STEP)).await?;
        Ok(room)
    }

    /// Reserves bytes by the last measurement of the free space. Returns `None` if it is too old or found too little.
    fn promise_at_once(self: &Arc<Self>, bytes: u64) -> Option<Promise> {
        let mut state = self.state();
        let (_, free) = state.free.filter(|(time, _)| time.elapsed() < FRESH)?;
        self.promise_of(&mut state, bytes, free.saturating_sub(AMPLE))
    }

    /// Measures the free space and reserves bytes of it. Returns `None` if they do not fit.
    fn promise(self: &Arc<Self>, bytes: u64) -> io::Result<Option<Promise>> {
        // The lock is held while the disk is asked, so that no two uploads are promised the same bytes.
        let mut state = self.state();
        let disk = rustix::fs::statvfs(&self.folder)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        state.free = Some((Instant::now(), free));
        Ok(self.promise_of(&mut state, bytes, free))
    }

    fn promise_of(self: &Arc<Self>, state: &mut State, bytes: u64, free: u64) -> Option<Promise> {
        let after = state.promised.saturating_add(bytes);
        let is_enough = after.checked_add(self.min_free).is_some_and(|needed| needed <= free);
        is_enough.then(|| {
            state.promised = after;
            Promise { disk: Arc::clone(self), bytes }
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    /// Makes room for an upload that has turned out to be longer.
    pub(crate) async fn fit(&mut self, len: u64) -> Result<(), ApiError> {
        if len > self.len { self.grow_to(len + STEP).await } else { Ok(()) }
    }

    /// Takes note that bytes were written to a temporary file, so that the disk itself counts them.
    pub(crate) fn written(&mut self, bytes: u64) {
        self.promise.release(bytes.min(self.promise.bytes));
    }

    async fn grow_to(&mut self, len: u64) -> Result<(), ApiError> {
        let (disk, more) = (Arc::clone(&self.disk), (len - self.len).saturating_mul(self.disk.copies));
        let promise = match self.disk.promise_at_once(more) {
            Some(promise) => Some(promise),
            // If the client goes away meanwhile, nobody takes the promise, and it is dropped.
            None => tokio::task::spawn_blocking(move || disk.promise(more))
                .await
                .map_err(io::Error::other)
                .flatten()
                .map_err(|error| {
                    ApiError::Unavailable(format!("the disk of the temporary files: {error}"))
                })?,
        };
        let Some(promise) = promise else {
            let limit = self.disk.min_free;
            return Err(ApiError::Busy(
                Limit::Disk,
                format!(
                    "The limit min_free_disk is {limit} bytes, and an upload of {len} bytes would leave less."
                ),
            ));
        };
        self.len = len;
        self.promise.add(promise);
        Ok(())
    }
}

impl Promise {
    fn add(&mut self, mut other: Self) {
        self.bytes += std::mem::take(&mut other.bytes);
    }

    fn release(&mut self, bytes: u64) {
        self.bytes -= bytes;
        self.disk.state().promised -= bytes;
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.release(self.bytes);
    }
}

fn is_same_device(one: &Path, other: &Path) -> bool {
    let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev());
    matches!((device(one), device(other)), (Ok(one), Ok(other)) if one == other)
}
