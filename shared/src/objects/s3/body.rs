//! Request bodies that can be sent a second time.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt, stream};
use rusoto_core::ByteStream;
use rustix::buffer::spare_capacity;
use rustix::io::{Errno, pread};

use super::attempt::Progress;
use crate::objects::{ContentSource, ObjectError};

/// How much of a file is in memory at a time for each upload, in bytes.
pub(super) const CHUNK: usize = 128 << 10;

/// The body that a put sends.
pub(super) enum Body {
    Memory(Bytes),
    File { file: Arc<File>, len: usize },
}

impl TryFrom<ContentSource> for Body {
    type Error = ObjectError;

    fn try_from(source: ContentSource) -> Result<Self, ObjectError> {
        match source {
            ContentSource::Bytes(bytes) => Ok(Self::Memory(bytes)),
            ContentSource::File { file, len } => match usize::try_from(len) {
                Ok(len) => Ok(Self::File { file: file.into(), len }),
                Err(_) => Err(ObjectError::Unavailable(format!("{len} bytes are too many for one put"))),
            },
        }
    }
}

impl Body {
    /// The whole body from its start, as a stream, even if the body is in memory: each chunk that is taken is progress.
    pub(super) fn stream(&self, progress: &Progress) -> ByteStream {
        let len = match self {
            Self::Memory(bytes) => bytes.len(),
            Self::File { len, .. } => *len,
        };
        let progress = progress.clone();
        let chunks = self.chunks().inspect_ok(move |_| progress.made());
        ByteStream::new_with_size(chunks, len)
    }

    fn chunks(&self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static + use<> {
        let (source, len) = match self {
            Self::Memory(bytes) => (Ok(bytes.clone()), bytes.len()),
            Self::File { file, len } => (Err(Arc::clone(file)), *len),
        };
        stream::iter((0..len).step_by(CHUNK).map(move |start| {
            let end = len.min(start + CHUNK);
            match &source {
                Ok(bytes) => Ok(bytes.slice(start..end)),
                Err(file) => read_at(file, start, end - start),
            }
        }))
    }
}

/// Reads a part of a file. It does not use the blocking pool: the upload has just been written, so this is a copy from
/// the page cache, which is faster than the way to another thread and back.
fn read_at(file: &File, start: usize, len: usize) -> io::Result<Bytes> {
    let mut chunk = Vec::with_capacity(len);
    while chunk.len() < len {
        let offset = (start + chunk.len()) as u64;
        match pread(file, spare_capacity(&mut chunk), offset) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    chunk.truncate(len);
    Ok(chunk.into())
}
