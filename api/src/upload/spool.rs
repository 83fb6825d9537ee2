//! The spool, which keeps the bytes of an upload while they arrive. A small upload stays in memory. A larger one goes
//! to a temporary file that is unlinked when it is created, so that nothing of it remains if the process dies.

use std::fs::File;
use std::io::{self, Write};
use std::mem;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use resizinator_shared::objects::{Content, ContentSource};
use sha2::{Digest, Sha256};

/// How many bytes are held in memory, and are written and hashed at once outside the async threads.
const BLOCK: usize = 256 << 10;

pub(crate) struct Spool {
    folder: PathBuf,
    block: Vec<u8>,
    file: Option<File>,
    sha256: Sha256,
    len: u64,
}

/// An upload that has arrived completely.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) content: Content,
    pub(crate) len: u64,
    pub(crate) sha256: String,
}

impl Spool {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.into(), block: Vec::new(), file: None, sha256: Sha256::new(), len: 0 }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// How many of the bytes are in the temporary file.
    pub(crate) fn on_disk(&self) -> u64 {
        self.len - self.block.len() as u64
    }

    pub(crate) async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.len += chunk.len() as u64;
        if self.block.len() + chunk.len() > BLOCK {
            self.flush().await?;
        }
        self.block.extend_from_slice(chunk);
        Ok(())
    }

    pub(crate) async fn finish(mut self) -> io::Result<Received> {
        if self.file.is_some() {
            self.flush().await?;
        } else {
            self.sha256.update(&self.block);
        }
        let source = match self.file {
            Some(file) => ContentSource::File { file, len: self.len },
            None => ContentSource::Bytes(Bytes::from(self.block)),
        };
        let sha256 = self.sha256.finalize().into();
        Ok(Received { content: Content { source, sha256 }, len: self.len, sha256: hex::encode(sha256) })
    }

    async fn flush(&mut self) -> io::Result<()> {
        let (block, file) = (mem::take(&mut self.block), self.file.take());
        let (mut sha256, folder) = (mem::take(&mut self.sha256), self.folder.clone());
        let work = move || {
            let mut file = match file {
                Some(file) => file,
                None => tempfile::tempfile_in(folder)?,
            };
            sha256.update(&block);
            file.write_all(&block)?;
            io::Result::Ok((block, file, sha256))
        };
        let (mut block, file, sha256) =
            tokio::task::spawn_blocking(work).await.map_err(io::Error::other)??;
        block.clear();
        (self.block, self.file, self.sha256) = (block, Some(file), sha256);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn received(len: usize) -> Received {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = Spool::new(folder.path());
        for chunk in vec![7; len].chunks(10_000) {
            spool.write(chunk).await.expect("written");
        }
        spool.finish().await.expect("finished")
    }

    #[tokio::test]
    async fn a_small_upload_stays_in_memory_and_a_large_one_goes_to_a_file() {
        assert!(
            matches!(received(BLOCK / 2).await.content.source, ContentSource::Bytes(bytes) if bytes.len() == BLOCK / 2)
        );
        assert!(
            matches!(received(BLOCK * 3).await.content.source, ContentSource::File { len, .. } if len == BLOCK as u64 * 3)
        );
    }

    #[tokio::test]
    async fn the_hash_is_that_of_the_whole_upload() {
        for len in [0, 1, BLOCK, BLOCK + 1, BLOCK * 2 + 17] {
            let received = received(len).await;
            assert_eq!(received.sha256, hex::encode(Sha256::digest(vec![7; len])), "{len}");
            assert_eq!(received.sha256, hex::encode(received.content.sha256));
        }
    }
}
