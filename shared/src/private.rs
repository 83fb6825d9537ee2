//! Folders and files that only the user of this process can open, since uploads and accounts are private.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use tempfile::NamedTempFile;

/// The permissions of everybody but the owner.
const OF_OTHERS: u32 = 0o077;
/// The permission of everybody but the owner to change what is in a folder.
const OTHERS_WRITE: u32 = 0o022;

/// Makes a folder, and those above it that are missing, with mode 0700. A folder that is there keeps its mode.
pub fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes an empty file with mode 0600 if it is missing. A file that is there keeps its contents; if other users could
/// open it, they no longer can, and the log says so.
///
/// The file is never open under its name. SQLite locks its file, and when a process closes such a file it loses all its
/// locks on it, even those of other connections.
/// <https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_>
pub(crate) fn make_file(path: &Path) -> io::Result<()> {
    if !path.try_exists()? {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match NamedTempFile::new_in(folder)?.into_temp_path().persist_noclobber(path) {
            // Another process has made it first.
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {}
            made => made?,
        }
    }
    tighten(path)
}

/// Takes away the permissions of other users on a file, and says so in the log. It is no error if the file is missing.
pub(crate) fn tighten(path: &Path) -> io::Result<()> {
    let mode = match fs::metadata(path) {
        Ok(file) => file.permissions().mode(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if mode & OF_OTHERS == 0 {
        return Ok(());
    }
    let (before, after) = (mode & 0o7777, mode & 0o7777 & !OF_OTHERS);
    let tightened = fs::set_permissions(path, Permissions::from_mode(after));
    let path = path.display();
    match tightened {
        Ok(()) => {
            log::warn!("{path} was open to other users (mode {before:04o}); now it has mode {after:04o}")
        }
        // A file of another owner; to use it is still what the settings ask for.
        Err(error) => log::warn!("{path} is open to other users (mode {before:04o}), and stays so: {error}"),
    }
    Ok(())
}

/// Says in the log if other users can replace the files in a folder. Its mode stays: who made it may need it.
pub(crate) fn warn_if_others_write(folder: &Path) {
    if let Ok(mode) = fs::metadata(folder).map(|folder| folder.permissions().mode())
        && mode & OTHERS_WRITE != 0
    {
        let (folder, mode) = (folder.display(), mode & 0o7777);
        log::warn!("other users can replace files in {folder} (mode {mode:04o}): set it to 0700 (chmod 700)");
    }
}
