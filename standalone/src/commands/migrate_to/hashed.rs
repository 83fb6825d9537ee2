//! A file with the hashes that a move needs: SHA-256 to put its bytes, and MD5 to compare them with what S3 lists.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use md5::{Digest, Md5};
use resizinator_shared::objects::{Content, ContentSource};
use sha2::Sha256;

/// How much of a file is in memory at a time, in bytes.
const CHUNK: usize = 256 << 10;

pub(super) struct HashedFile {
    file: File,
    pub(super) len: u64,
    pub(super) md5: [u8; 16],
    sha256: [u8; 32],
}

impl HashedFile {
    /// Reads a whole file once. This blocks the thread.
    pub(super) fn read(file: File) -> io::Result<Self> {
        let (mut md5, mut sha256) = (Md5::new(), Sha256::new());
        let (mut len, mut chunk) = (0, vec![0; CHUNK]);
        loop {
            match file.read_at(&mut chunk, len)? {
                0 => break,
                read => {
                    md5.update(&chunk[..read]);
                    sha256.update(&chunk[..read]);
                    len += read as u64;
                }
            }
        }
        Ok(Self { file, len, md5: md5.finalize().into(), sha256: sha256.finalize().into() })
    }

    /// The content of the file, to put it into a store once.
    pub(super) fn content(&self) -> io::Result<Content> {
        let source = ContentSource::File { file: self.file.try_clone()?, len: self.len };
        Ok(Content { source, sha256: self.sha256 })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn the_hashes_are_those_of_the_whole_file() {
        for len in [0, 1, CHUNK, CHUNK + 1] {
            let (bytes, mut file) = (vec![7; len], tempfile::tempfile().expect("a file"));
            file.write_all(&bytes).expect("written");
            let read = HashedFile::read(file).expect("a file that can be read");
            assert_eq!(read.len, len as u64);
            assert_eq!(
                (&read.md5[..], &read.sha256[..]),
                (&Md5::digest(&bytes)[..], &Sha256::digest(&bytes)[..])
            );
        }
    }
}
