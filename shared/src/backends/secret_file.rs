//! The file with the secret of the embedded default. It is made once, in the data folder, and only its owner can read
//! it.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::private;
use crate::settings::Secret;

pub(super) fn read_or_make(data: &Path) -> io::Result<Secret> {
    private::create_folder(data)?;
    private::warn_if_others_write(data);
    let path = data.join("secret");
    match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        read => {
            private::tighten(&path)?;
            let short =
                || io::Error::other(format!("{} has fewer than {} bytes", path.display(), Secret::MIN_LEN));
            return Secret::new(read?).ok_or_else(short);
        }
    }
    let text = hex::encode(rand::random::<[u8; 32]>());
    let mut file = tempfile::NamedTempFile::new_in(data)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(Secret::new(text.into_bytes()).expect("64 bytes are enough")),
        // Another process has made the file first, so its secret counts.
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => read_or_make(data),
        Err(error) => Err(error.error),
    }
}
