//! The strict reading, which determines the format of a file and checks its structure.

use crate::cursor::{Cursor, ReadError};
use crate::format::Format;
use crate::header::Header;
use crate::limits::ImageLimits;
use crate::refusal::{InspectError, Refusal};
use crate::signature::{self, Signature};
use crate::source::Source;
use crate::{avif, bmp, gif, jpeg, png, tiff, webp};

/// The result of a part of an inspection.
pub(crate) type Inspected<T, S> = Result<T, InspectError<<S as Source>::Error>>;

/// The width, the height and the number of frames of an image.
pub(crate) type Extent = (u32, u32, u32);

/// Fails with [`Refusal::Invalid`] unless `holds`.
pub(crate) fn ensure(holds: bool) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(Refusal::Invalid) }
}

/// Reads a file strictly and returns its header. Frames are counted up to one more than the limit, and nothing after
/// them is read. The header is not checked against the limits here; [`ImageLimits::check`] does that.
///
/// It takes bounded memory and at most one pass over the file. PNG needs every byte for its checksums; in the other
/// formats, pixel data is skipped.
///
/// # Errors
/// [`InspectError::Refused`] if the file is at fault, [`InspectError::Source`] if its bytes cannot be read.
pub fn inspect<S: Source>(source: &mut S, limits: &ImageLimits) -> Result<Header, InspectError<S::Error>> {
    let format = match signature::detect(&opening(source)?) {
        Signature::Image(format) => format,
        Signature::Refused(name) => return Err(Refusal::Format(name).into()),
        Signature::Unknown => return Err(Refusal::Invalid.into()),
    };
    let cursor = &mut Cursor::new(source);
    let (width, height, frames) = match format {
        Format::Jpeg => still(jpeg::strict::inspect(cursor)?),
        Format::Png => still(png::strict::inspect(cursor)?),
        Format::Gif => gif::strict::inspect(cursor, limits)?,
        Format::WebP => webp::strict::inspect(cursor, limits)?,
        Format::Bmp => still(bmp::strict::inspect(cursor)?),
        Format::Tiff => still(tiff::strict::inspect(cursor)?),
        Format::Avif => still(avif::strict::inspect(cursor, limits)?),
    };
    ensure(width > 0 && height > 0)?;
    Ok(Header { format, width, height, frames })
}

fn still((width, height): (u32, u32)) -> Extent {
    (width, height, 1)
}

/// Reads the first bytes of the file, as many as its signature may need.
fn opening<S: Source>(source: &mut S) -> Result<Vec<u8>, ReadError<S::Error>> {
    let mut opening = Vec::with_capacity(signature::OPENING);
    let mut cursor = Cursor::new(source);
    let count = cursor.remaining().min(signature::OPENING as u64);
    cursor.read_through(count, |piece| opening.extend_from_slice(piece))?;
    Ok(opening)
}
