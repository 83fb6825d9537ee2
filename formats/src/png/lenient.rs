//! The lenient reading of a PNG, which finds the image header and the EXIF block.

use std::ops::Range;

use super::chunk::{CHECKSUM, EXIF, IDAT, IEND, IHDR, Opening, SIGNATURE};
use super::image_header::ImageHeader;
use crate::cursor::{Cursor, ReadError};
use crate::fault::Fault;
use crate::format::Format;
use crate::header::Header;
use crate::source::{Source, slice};
use crate::unreadable::Unreadable;

/// The parts of a PNG file in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Png<'a> {
    /// The image header.
    pub image_header: ImageHeader,
    /// The first EXIF block, which may be before or after the pixels.
    pub exif: Option<&'a [u8]>,
    /// Whether the chunk that ends the image is missing.
    pub ended_early: bool,
}

impl Png<'_> {
    /// The format, the size and the number of frames, which is 1: of an animation, only the default image is rendered.
    #[must_use]
    pub fn header(&self) -> Header {
        let ImageHeader { width, height, .. } = self.image_header;
        Header { format: Format::Png, width, height, frames: 1 }
    }
}

/// Reads the PNG in `file`. Checksums are left to the decoder.
///
/// # Errors
/// If the file is cut off within its image header, if the image header is not valid or not the first chunk, or if there
/// are no pixels.
pub fn read(file: &[u8]) -> Result<Png<'_>, Unreadable> {
    let mut source = file;
    let Places { image_header, exif, ended_early } = places(&mut Cursor::new(&mut source))?;
    let exif = exif.map(|range| slice(file, range));
    Ok(Png { image_header, exif, ended_early })
}

/// The positions in the file of the parts of a [`Png`].
#[derive(Debug)]
pub(crate) struct Places {
    image_header: ImageHeader,
    exif: Option<Range<u64>>,
    ended_early: bool,
}

/// Finds the parts of a file, see [`read`].
pub(crate) fn places<S: Source>(cursor: &mut Cursor<'_, S>) -> Result<Places, Fault<S::Error>> {
    if cursor.array()? != *SIGNATURE {
        return Err(Fault::Damaged("it does not begin with the signature"));
    }
    let opening = Opening::read(cursor)?;
    if opening != (Opening { kind: IHDR, length: ImageHeader::LENGTH as u32 }) {
        return Err(Fault::Damaged("its first chunk is not the image header"));
    }
    let image_header = ImageHeader::parse(cursor.array()?)
        .ok_or(Fault::Damaged("its image header is none that the standard allows"))?;
    cursor.skip(CHECKSUM)?;

    let mut exif = None;
    let mut has_pixels = false;
    loop {
        match chunk(cursor)? {
            Some((EXIF, data)) if exif.is_none() => exif = Some(data),
            Some((IEND, _)) if !has_pixels => return Err(Fault::Damaged("it has no pixels")),
            Some((IEND, _)) => return Ok(Places { image_header, exif, ended_early: false }),
            Some((IDAT, _)) => has_pixels = true,
            Some(_) => {}
            // If a chunk of pixels is cut off, the decoder uses the part that is there.
            None => return Ok(Places { image_header, exif, ended_early: true }),
        }
    }
}

/// The type of a chunk and the range of its data.
type TypeAndData = ([u8; 4], Range<u64>);

/// Moves to the end of the next chunk. Returns `None` if the file ends before, or if there is no chunk.
fn chunk<S: Source>(cursor: &mut Cursor<'_, S>) -> Result<Option<TypeAndData>, ReadError<S::Error>> {
    let whole = |cursor: &mut Cursor<'_, S>| {
        let opening = Opening::read(cursor)?;
        let data = cursor.skip(opening.length.into())?;
        cursor.skip(CHECKSUM)?;
        Ok(opening.is_possible().then_some((opening.kind, data)))
    };
    match whole(cursor) {
        Err(ReadError::EndedEarly) => Ok(None),
        found => found,
    }
}
