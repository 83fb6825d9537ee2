//! The reader that selects the bytes of a file that the decoder of its default image gets.

use resizinator_formats::png::Chunks;
use std::io::{BufRead, Error, ErrorKind, Read, Result, Seek, SeekFrom};

/// A reader of a PNG file that skips the chunks that its default image does not need: those of an animation, and the
/// EXIF block, which is read elsewhere. A fault in one of them would make the decoder fail.
pub(super) struct StillReader<'a> {
    /// The rest of the chunk that is being read.
    current: &'a [u8],
    /// The next chunks. `None` after the first bytes that are not a chunk, which are passed on unchanged.
    chunks: Option<Chunks<'a>>,
    /// Whether the pixels are palette indices.
    palette: bool,
}

/// The length of the signature that every file begins with.
const SIGNATURE: usize = 8;

impl<'a> StillReader<'a> {
    pub(super) fn new(file: &'a [u8], palette: bool) -> Self {
        let current = file.get(..SIGNATURE).unwrap_or(file);
        Self { current, chunks: Some(Chunks::of(file)), palette }
    }

    /// The next chunk that is needed, or at the end all remaining bytes.
    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let chunks = self.chunks.as_mut()?;
            match chunks.next() {
                Some(chunk) if is_needed(&chunk.kind, self.palette) => return Some(chunk.whole),
                Some(_) => {}
                None => {
                    let rest = chunks.rest();
                    self.chunks = None;
                    return Some(rest);
                }
            }
        }
    }
}

/// Whether a chunk of this type is needed for the pixels of the default image.
fn is_needed(kind: &[u8; 4], palette: bool) -> bool {
    match kind {
        b"acTL" | b"fcTL" | b"fdAT" | b"eXIf" => false,
        // Without palette indices, this chunk only suggests colours for screens that have few.
        b"PLTE" => palette,
        _ => true,
    }
}

impl BufRead for StillReader<'_> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        while self.current.is_empty() {
            match self.next() {
                Some(next) => self.current = next,
                None => break,
            }
        }
        Ok(self.current)
    }

    fn consume(&mut self, amount: usize) {
        self.current = &self.current[amount..];
    }
}

impl Read for StillReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut available = self.fill_buf()?;
        let count = available.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// Required by the decoder's interface, but never used, because the decoder reads from start to end.
impl Seek for StillReader<'_> {
    fn seek(&mut self, _: SeekFrom) -> Result<u64> {
        Err(Error::from(ErrorKind::Unsupported))
    }
}
