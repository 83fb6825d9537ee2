//! The size of a folder on disk.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The unit of `st_blocks` in bytes, which does not depend on the file system's own blocks.
const BLOCK: u64 = 512;

/// The bytes that all files below the folder take on disk.
pub(super) fn room_taken(folder: &Path) -> io::Result<u64> {
    let mut total = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let size = if entry.file_type()?.is_dir() {
            room_taken(&entry.path())
        } else {
            entry.metadata().map(|metadata| metadata.blocks() * BLOCK)
        };
        match size {
            Ok(size) => total += size,
            // The file was removed meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_all_folders_below_count_and_holes_do_not() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("below")).expect("a folder");
        fs::write(folder.path().join("below/full"), vec![7; 100_000]).expect("a file");
        let sparse = fs::File::create(folder.path().join("sparse")).expect("a file");
        sparse.set_len(10_000_000).expect("a hole");
        let taken = room_taken(folder.path()).expect("a size");
        assert!((100_000..1_000_000).contains(&taken), "{taken}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_and_not_empty() {
        assert!(room_taken(Path::new("/nowhere")).is_err());
    }
}
