//! Where the bytes of a file come from.

use std::convert::Infallible;
use std::ops::Range;

/// The bytes of a file, readable at any offset.
pub trait Source {
    /// Why bytes that the file has cannot be read: an error of the disk, never the file's fault.
    type Error;

    /// The length of the file in bytes.
    fn length(&self) -> u64;

    /// The bytes from `offset` on, as many as are at hand: at least one, unless the file ends at or before `offset`.
    ///
    /// # Errors
    /// [`Source::Error`] if the file has such bytes and they cannot be read.
    fn window(&mut self, offset: u64) -> Result<&[u8], Self::Error>;
}

/// A file that is in memory as a whole.
impl Source for &[u8] {
    type Error = Infallible;

    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn window(&mut self, offset: u64) -> Result<&[u8], Infallible> {
        Ok(usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default())
    }
}

/// The part of a file in memory that a range of a reading names; what lies beyond the file's end is cut off.
pub(crate) fn slice(file: &[u8], range: Range<u64>) -> &[u8] {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(file.len());
    file.get(at(range.start)..at(range.end)).unwrap_or_default()
}
