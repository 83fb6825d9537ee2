//! The bytes of a file that the decoder of its default image is given.

use resizinator_formats::png::Chunks;
use std::io::{BufRead, Error, ErrorKind, Read, Result, Seek, SeekFrom};

/// Reads a PNG file without the chunks that its default image does not need, in which a fault would make the decoder
/// give up: those of an animation, and the EXIF block, which is read elsewhere.
pub(super) struct StillReader<'a> {
    /// What is left of the chunk that is being read.
    current: &'a [u8],
    /// Its next chunks; absent behind what cannot be a chunk, which is handed over as it is.
    chunks: Option<Chunks<'a>>,
    /// Whether the pixels are indices.
    palette: bool,
}

/// What every file begins with.
const SIGNATURE: usize = 8;

impl<'a> StillReader<'a> {
    pub(super) fn new(file: &'a [u8], palette: bool) -> Self {
        let current = file.get(..SIGNATURE).unwrap_or(file);
        Self { current, chunks: Some(Chunks::of(file)), palette }
    }

    /// What comes next: a chunk, or at last all that is left.
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

/// Whether a chunk of this type has a say in the pixels of the default image.
fn is_needed(kind: &[u8; 4], palette: bool) -> bool {
    match kind {
        b"acTL" | b"fcTL" | b"fdAT" | b"eXIf" => false,
        // Where pixels are no indices, it proposes colours for screens that have few.
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

/// The decoder's interface asks for it, but the decoder reads from front to back.
impl Seek for StillReader<'_> {
    fn seek(&mut self, _: SeekFrom) -> Result<u64> {
        Err(Error::from(ErrorKind::Unsupported))
    }
}
