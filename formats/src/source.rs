//! The source of the bytes of a file.

use std::convert::Infallible;
use std::ops::Range;

/// A source of the bytes of a file, which can be read at any offset.
pub trait Source {
    /// The error if bytes that the file has cannot be read. It is an error of the disk, for example, and never the
    /// file's fault.
    type Error;

    /// The length of the file in bytes.
    fn length(&self) -> u64;

    /// The available bytes from `offset` on. There is at least one, unless the file ends at or before `offset`.
    ///
    /// # Errors
    /// [`Source::Error`] if the file has these bytes but they cannot be read.
    fn window(&mut self, offset: u64) -> Result<&[u8], Self::Error>;
}

/// A file that is completely in memory.
impl Source for &[u8] {
    type Error = Infallible;

    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn window(&mut self, offset: u64) -> Result<&[u8], Infallible> {
        Ok(usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default())
    }
}

/// The bytes of `range` of a file in memory. The part of the range beyond the end of the file is cut off.
pub(crate) fn slice(file: &[u8], range: Range<u64>) -> &[u8] {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(file.len());
    file.get(at(range.start)..at(range.end)).unwrap_or_default()
}
