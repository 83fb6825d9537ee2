//! The lenient reading of a BMP, which reads the headers and accepts a file that ends within its pixels.

use std::convert::Infallible;
use std::ops::Range;

use super::header::ImageHeader;
use crate::cursor::Cursor;
use crate::fault::Fault;
use crate::format::Format;
use crate::header::Header;
use crate::source::Source;
use crate::unreadable::Unreadable;

/// A BMP file in memory with the content of its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bmp<'a> {
    /// The whole file.
    pub file: &'a [u8],
    /// The content of the headers.
    pub image: ImageHeader,
    /// Whether a part of the pixels or of the palette is missing in the file.
    pub ended_early: bool,
}

/// Reads the headers of `file`.
///
/// # Errors
/// If they do not describe an image that can be decoded.
pub fn read(file: &[u8]) -> Result<Bmp<'_>, Unreadable> {
    let (image, ended_early) = read_from(&mut { file })?;
    Ok(Bmp { file, image, ended_early })
}

/// The same as [`read`], for any source that does not fail.
pub(super) fn read_from<S: Source<Error = Infallible>>(
    source: &mut S,
) -> Result<(ImageHeader, bool), Fault<Infallible>> {
    let cursor = &mut Cursor::new(source);
    let image = ImageHeader::read(cursor)?;
    let palette_end = image.palette.as_ref().map_or(0, |palette| palette.end);
    let pixels_end = image.pixels_at.saturating_add(image.least_size());
    let ended_early = palette_end.max(pixels_end) > cursor.length();
    Ok((image, ended_early))
}

impl<'a> Bmp<'a> {
    /// The format and the size of the image.
    #[must_use]
    pub fn header(&self) -> Header {
        Header { format: Format::Bmp, width: self.image.width, height: self.image.height, frames: 1 }
    }

    /// The bytes of a part of the file, if the file has all of them.
    #[must_use]
    pub fn bytes(&self, part: &Range<u64>) -> Option<&'a [u8]> {
        self.file.get(usize::try_from(part.start).ok()?..usize::try_from(part.end).ok()?)
    }
}
