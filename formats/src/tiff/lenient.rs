//! The lenient reading of a TIFF, which reads the first image only and accepts a file that ends within its strips or
//! tiles.

use std::convert::Infallible;
use std::ops::Range;

use super::directory::Directory;
use super::entry::Entry;
use super::features::Compression;
use super::image::Image;
use super::layout::Layout;
use crate::cursor::Cursor;
use crate::fault::Fault;
use crate::format::Format;
use crate::header::Header;
use crate::source::{Source, slice};
use crate::unreadable::Unreadable;

/// A TIFF file in memory with the content of its first directory.
#[derive(Clone, Debug, PartialEq)]
pub struct Tiff<'a> {
    /// The whole file.
    pub file: &'a [u8],
    /// The form in which numbers are stored.
    pub layout: Layout,
    /// The first image.
    pub image: Image,
    /// Whether some of the strips or tiles are not in the file.
    pub ended_early: bool,
}

/// Reads the first directory of `file`.
///
/// # Errors
/// If the directory does not describe an image that can be decoded.
pub fn read(file: &[u8]) -> Result<Tiff<'_>, Unreadable> {
    let (layout, image, ended_early) = read_from(&mut { file })?;
    Ok(Tiff { file, layout, image, ended_early })
}

/// The same as [`read`], for any source that does not fail.
pub(super) fn read_from<S: Source<Error = Infallible>>(
    source: &mut S,
) -> Result<(Layout, Image, bool), Fault<Infallible>> {
    let cursor = &mut Cursor::new(source);
    let layout = Layout::read(cursor)?;
    let first = layout.offset(cursor)?;
    let (directory, _) = Directory::read(layout, cursor, first)?;
    let image = Image::read(layout, cursor, &directory)?;
    let (length, compressed) = (cursor.length(), image.compression != Compression::None);
    let mut ended_early = false;
    image.pieces.places(layout, cursor, image.height, compressed, |place| {
        ended_early |= place.left_out || place.end > length;
        Ok(())
    })?;
    Ok((layout, image, ended_early))
}

impl<'a> Tiff<'a> {
    /// The format and the size of the first image.
    #[must_use]
    pub fn header(&self) -> Header {
        let Image { width, height, .. } = self.image;
        Header { format: Format::Tiff, width, height, frames: 1 }
    }

    /// The bytes of a part of the file, cut off at the end of the file.
    #[must_use]
    pub fn bytes(&self, part: &Range<u64>) -> &'a [u8] {
        slice(self.file, part.clone())
    }

    /// The bytes of an entry's values, cut off at the end of the file.
    #[must_use]
    pub fn values(&self, entry: &Entry) -> &'a [u8] {
        self.bytes(&entry.value)
    }
}
