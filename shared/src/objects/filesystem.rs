//! The embedded object store: a local folder. The api itself serves the signed URLs of its objects.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use rustix::fs::{AtFlags, CWD, linkat};
use sha2::Sha256;
use tempfile::NamedTempFile;

use super::{Content, ContentSource, ListedObject, ObjectError, ObjectKey, ObjectStore, SigningWindow};
use crate::private;

/// The folder in which objects are written before they get their names. No key begins with a dot.
const INCOMING: &str = ".incoming";
/// The number of folders above a variant that the puts of an image's variants create or change: the folder of its generation
/// and the folder of its image.
const NEW_ABOVE_VARIANT: usize = 2;
/// How often a put creates its folders again when deletes keep removing them because they are empty.
const FOLDER_ATTEMPTS: u32 = 100;
/// The text that every signature begins with, so that the same secret can also sign other things.
const SIGNATURE_DOMAIN: &[u8] = b"resizinator object url v1\n";

/// An object store that keeps each object as a file below one folder. The path of the file is the object's key.
pub struct FolderStore {
    folder: Arc<Path>,
    /// The keys for signatures. The first one signs and all of them verify, so that secrets can be rotated.
    keys: Vec<Hmac<Sha256>>,
    window: SigningWindow,
}

/// The reason for which the URL of an object is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The signature does not match the key and the expiry.
    #[error("the signature does not match")]
    BadSignature,
    /// The signature is right, but the URL has expired.
    #[error("the URL has expired")]
    Expired,
}

impl FolderStore {
    /// Opens the folder, and creates it if it is missing. The first of `secrets` signs URLs, and all of them verify.
    pub fn open(folder: PathBuf, secrets: Vec<Vec<u8>>, window: SigningWindow) -> io::Result<Self> {
        let keys: Vec<_> =
            secrets.into_iter().filter_map(|secret| Hmac::new_from_slice(&secret).ok()).collect();
        if keys.is_empty() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "no secret to sign URLs with"));
        }
        // A relative folder must not move when the process changes its working directory.
        let folder = std::path::absolute(folder)?;
        private::create_folder(&folder.join(INCOMING))?;
        Ok(Self { folder: folder.into(), keys, window })
    }

    /// The path of the file that holds an object.
    pub fn path_of(&self, key: &ObjectKey) -> PathBuf {
        self.folder.join(key.as_str())
    }

    /// The signing window of this store, which says how long its URLs work.
    pub fn window(&self) -> SigningWindow {
        self.window
    }

    /// Checks a signed URL, and returns the key in it. The arguments are the path after `/objects/` and the two query
    /// parameters as the client sent them.
    pub fn verify(&self, key_path: &str, expires: &str, signature: &str) -> Result<ObjectKey, Refusal> {
        let key = ObjectKey::parse(key_path).ok_or(Refusal::BadSignature)?;
        // Each URL has only one spelling, so that caches do not hold the same object twice.
        let is_canonical = signature.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        let signature = hex::decode(signature).ok().filter(|_| is_canonical).ok_or(Refusal::BadSignature)?;
        if !self.keys.iter().any(|secret| signed(secret, &key, expires).verify_slice(&signature).is_ok()) {
            return Err(Refusal::BadSignature);
        }
        let expires = expires.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        if expires.is_some_and(|expires| Utc::now() < expires) { Ok(key) } else { Err(Refusal::Expired) }
    }

    async fn blocking<T, F>(&self, doing: &'static str, work: F) -> Result<T, ObjectError>
    where
        T: Send + 'static,
        F: FnOnce(&Path) -> Result<T, FileError> + Send + 'static,
    {
        let folder = Arc::clone(&self.folder);
        match tokio::task::spawn_blocking(move || work(&folder)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(FileError::Object(error))) => Err(error),
            Ok(Err(FileError::Io(error))) => {
                Err(ObjectError::Unavailable(format!("{doing} the folder failed: {error}")))
            }
            Err(_) => Err(ObjectError::Unavailable(format!("{doing} the folder was broken off"))),
        }
    }
}

#[async_trait]
impl ObjectStore for FolderStore {
    async fn put(&self, key: &ObjectKey, content: Content) -> Result<(), ObjectError> {
        let key = key.clone();
        self.blocking("writing to", move |folder| {
            let above = place(folder, &key, content.source)?;
            Ok(sync_all(&above)?)
        })
        .await
    }

    async fn put_all(&self, objects: Vec<(ObjectKey, Content)>) -> Result<(), ObjectError> {
        let placing = objects.into_iter().map(|(key, content)| {
            self.blocking("writing to", move |folder| Ok(place(folder, &key, content.source)?))
        });
        let above: Vec<_> = join_all(placing).await.into_iter().collect::<Result<_, _>>()?;
        // What they have in common is synced once.
        let above: BTreeSet<_> = above.into_iter().flatten().collect();
        self.blocking("writing to", move |_| Ok(sync_all(&above)?)).await
    }

    async fn get(&self, key: &ObjectKey, max_bytes: u64, into: &File) -> Result<u64, ObjectError> {
        let (key, path, into) = (key.clone(), self.path_of(key), into.try_clone());
        self.blocking("reading from", move |_| read(key, &path, max_bytes, into?)).await
    }

    async fn delete(&self, keys: &[ObjectKey]) -> Result<(), ObjectError> {
        let paths: Vec<_> = keys.iter().map(|key| self.path_of(key)).collect();
        self.blocking("removing from", move |folder| {
            for path in paths {
                remove(folder, &path)?;
            }
            Ok(())
        })
        .await
    }

    async fn list(&self, after: &str, limit: usize) -> Result<Vec<String>, ObjectError> {
        let after = after.to_owned();
        self.blocking("listing", move |folder| {
            let mut keys = Vec::new();
            list(folder, "", &after, limit, &mut keys)?;
            Ok(keys)
        })
        .await
    }

    async fn list_objects(&self, after: &str, limit: usize) -> Result<Vec<ListedObject>, ObjectError> {
        let names = self.list(after, limit).await?;
        self.blocking("listing", move |folder| {
            let mut objects = Vec::new();
            for name in names {
                match fs::metadata(folder.join(&name)) {
                    Ok(file) => objects.push(ListedObject { name, len: file.len(), md5: None }),
                    // A delete came in between.
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(objects)
        })
        .await
    }

    async fn signed_url(&self, key: &ObjectKey, base_url: &str) -> Result<String, ObjectError> {
        let lifetime = i64::try_from(self.window.lifetime().as_secs()).unwrap_or(i64::MAX);
        let expires = self.window.signed_at(Utc::now()) + TimeDelta::seconds(lifetime);
        let expires = expires.timestamp().to_string();
        let signature = hex::encode(signed(&self.keys[0], key, &expires).finalize().into_bytes());
        Ok(format!("{base_url}/objects/{key}?expires={expires}&signature={signature}"))
    }

    fn signing_time(&self) -> DateTime<Utc> {
        self.window.signed_at(Utc::now())
    }

    async fn check(&self) -> Result<(), ObjectError> {
        self.blocking("writing to", |folder| {
            // It writes a byte, since a full disk may still accept a new name.
            NamedTempFile::new_in(folder.join(INCOMING))?.write_all(b"!")?;
            Ok(())
        })
        .await
    }

    async fn clear_abandoned(&self, age: Duration) -> Result<usize, ObjectError> {
        self.blocking("clearing", move |folder| Ok(remove_abandoned(&folder.join(INCOMING), age)?)).await
    }

    fn served_folder(&self) -> Option<&FolderStore> {
        Some(self)
    }
}

impl fmt::Debug for FolderStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FolderStore").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Removes files that were not written to for longer than `age` and that no put holds, and returns how many.
fn remove_abandoned(incoming: &Path, age: Duration) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(incoming)? {
        let path = entry?.path();
        // Another process may finish its put at any moment, and so move the file away.
        let Ok(file) = File::open(&path) else { continue };
        let written = file.metadata()?.modified()?;
        let is_old = written.elapsed().is_ok_and(|elapsed| elapsed > age);
        // A put holds a lock until its file has its name. The lock ends with its process.
        if is_old && !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            match fs::remove_file(&path) {
                Ok(()) => removed += 1,
                // Its put has just finished, and it has its name.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(removed)
}

fn signed(secret: &Hmac<Sha256>, key: &ObjectKey, expires: &str) -> Hmac<Sha256> {
    let mut mac = secret.clone();
    mac.update(SIGNATURE_DOMAIN);
    mac.update(key.as_str().as_bytes());
    // No key contains a line break, so it is clear where the key ends and the expiry begins.
    mac.update(b"\n");
    mac.update(expires.as_bytes());
    mac
}

/// Stores content as the file of an object, and returns the folders above that file. The object is durable only after the caller
/// has synced these folders.
fn place(folder: &Path, key: &ObjectKey, source: ContentSource) -> io::Result<Vec<PathBuf>> {
    let path = folder.join(key.as_str());
    let mut above: Vec<_> = path.ancestors().skip(1).take_while(|above| above.starts_with(folder)).collect();
    // Another put may have made any of these folders and not synced it yet, so all of them are synced. A variant is stored
    // after its original, though, whose put has already synced the folders above that of the image.
    if !key.is_original() && above[NEW_ABOVE_VARIANT - 1].exists() {
        above.truncate(NEW_ABOVE_VARIANT);
    }
    let (file, len) = match source {
        ContentSource::File { file, len } => (file, len),
        ContentSource::Bytes(bytes) => {
            let mut file = tempfile::tempfile_in(folder.join(INCOMING))?;
            file.write_all(&bytes)?;
            (file, bytes.len() as u64)
        }
    };
    if !link(&file, len, &path)? {
        replace(&folder.join(INCOMING), file, len, &path)?;
    }
    Ok(above.into_iter().map(Path::to_owned).collect())
}

/// Gives a file without a name (`O_TMPFILE`) the path of an object, so that its bytes need not be copied. Returns `false` if
/// the bytes have to be copied: there is an object at the path already, the file is on another file system, or its file system
/// has no links. It also returns `false` for a file that has a name, because another process may still write to such a file.
/// <https://man7.org/linux/man-pages/man2/open.2.html>
fn link(file: &File, len: u64, path: &Path) -> io::Result<bool> {
    let metadata = file.metadata()?;
    if metadata.len() != len || metadata.nlink() > 0 {
        return Ok(false);
    }
    // Only its owner may open an object, and a file without a name was open to whoever the umask lets.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.sync_all()?;
    let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
    // A delete may remove an empty folder before the object is in it; a copy tries that again.
    Ok(private::create_folder(path.parent().unwrap_or(path)).is_ok()
        && linkat(CWD, unnamed, CWD, path, AtFlags::SYMLINK_FOLLOW).is_ok())
}

/// Copies the content of a file to the path of an object. An object that is already there is replaced.
fn replace(incoming: &Path, mut file: File, len: u64, path: &Path) -> io::Result<()> {
    let mut incoming = NamedTempFile::new_in(incoming)?;
    // It stays held until it has its name, so that it is not taken for one of a killed process, however long the disk needs.
    // Where the file system has no locks, the age of the file has to do.
    let held = incoming.as_file().try_clone()?;
    held.lock().ok();
    file.rewind()?;
    // Between two files this is `copy_file_range`, so that no byte passes through this process.
    if io::copy(&mut file.take(len), incoming.as_file_mut())? < len {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    incoming.as_file().sync_all()?;
    rename(incoming, path)
}

fn rename(incoming: NamedTempFile, path: &Path) -> io::Result<()> {
    let incoming = incoming.into_temp_path();
    let parent = path.parent().unwrap_or(path);
    let mut attempts = 0;
    loop {
        attempts += 1;
        match private::create_folder(parent).and_then(|()| fs::rename(&incoming, path)) {
            // A delete removes empty folders, so the folder may vanish before the object is in it.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists)
                    && attempts < FOLDER_ATTEMPTS => {}
            done => return done,
        }
    }
}

fn read(key: ObjectKey, path: &Path, max_bytes: u64, mut into: File) -> Result<u64, FileError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(ObjectError::NotFound(key).into()),
        opened => opened?,
    };
    let len = file.metadata()?.len();
    if len > max_bytes {
        return Err(ObjectError::TooLarge { key, max_bytes }.into());
    }
    into.rewind()?;
    // Between two files no byte passes through this process.
    Ok(io::copy(&mut file.take(len), &mut into)?)
}

fn remove(folder: &Path, path: &Path) -> io::Result<()> {
    absent_is_fine(fs::remove_file(path))?;
    let mut parents = path.ancestors().skip(1).take_while(|parent| parent.starts_with(folder));
    // A folder can only be removed if it is empty, so this removes no object of another put.
    let kept = parents.find(|parent| *parent == folder || fs::remove_dir(parent).is_err());
    kept.map_or(Ok(()), |kept| absent_is_fine(sync(kept)))
}

/// Adds keys below `folder` that come after `after`, until there are `limit`. They all begin with `prefix`.
fn list(folder: &Path, prefix: &str, after: &str, limit: usize, keys: &mut Vec<String>) -> io::Result<()> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if prefix.is_empty() && name == INCOMING {
            continue;
        }
        // With the slash, a folder has the place of its keys in byte order.
        let is_folder = entry.file_type()?.is_dir();
        entries.push((
            format!("{prefix}{name}{}", if is_folder { "/" } else { "" }),
            entry.path(),
            is_folder,
        ));
    }
    entries.sort();
    for (key, path, is_folder) in entries {
        if keys.len() >= limit {
            break;
        }
        if is_folder && (key.as_str() > after || after.starts_with(&key)) {
            // The folder is absent if a delete came in between.
            absent_is_fine(list(&path, &key, after, limit, keys))?;
        } else if !is_folder && key.as_str() > after {
            keys.push(key);
        }
    }
    Ok(())
}

/// Brings the entries of folders to the disk. A folder is absent if a delete came right after the put.
fn sync_all<'a>(folders: impl IntoIterator<Item = &'a PathBuf>) -> io::Result<()> {
    folders.into_iter().try_for_each(|folder| absent_is_fine(sync(folder)))
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

enum FileError {
    Object(ObjectError),
    Io(io::Error),
}

impl From<ObjectError> for FileError {
    fn from(error: ObjectError) -> Self {
        Self::Object(error)
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
