//! The strict reading of a BMP, which checks that the headers are valid and that the palette and the pixels lie in the
//! file.

use super::header::ImageHeader;
use crate::cursor::{Cursor, ReadError};
use crate::fault::{Fault, Found};
use crate::format::Format;
use crate::inspect::Inspected;
use crate::source::Source;

/// Checks the headers and returns the width and the height.
pub(crate) fn inspect<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<(u32, u32), S> {
    check(cursor).map_err(|fault| fault.refused(Format::Bmp))
}

fn check<S: Source>(cursor: &mut Cursor<'_, S>) -> Found<(u32, u32), S> {
    let header = ImageHeader::read(cursor)?;
    if header.pixels_at < header.place.end {
        return Err(Fault::Damaged("the pixels begin within the headers"));
    }
    let palette_end = header.palette.as_ref().map_or(0, |palette| palette.end);
    let pixels_end = header.pixels_at.saturating_add(header.least_size());
    if palette_end.max(pixels_end) > cursor.length() {
        return Err(ReadError::EndedEarly.into());
    }
    Ok((header.width, header.height))
}
