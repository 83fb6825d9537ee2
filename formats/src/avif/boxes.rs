//! The boxes of an ISO base media file.
//!
//! Source: ISO/IEC 14496-12, section 4.2.

use std::ops::Range;

use super::fault::{AvifFault, Read};
use crate::cursor::{Cursor, Order, ReadError};
use crate::source::Source;

/// The most boxes that are read next to each other. A file with more is considered an attack.
const MAX_BOXES: u32 = 4096;

/// How a reading treats a box that does not fit into the box or file around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tolerance {
    /// The file is considered damaged.
    Strict,
    /// The box is cut off at the end of what is around it, and bytes that cannot be a box end the list of boxes.
    Lenient,
}

/// The header of a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BoxHeader {
    /// The name of the box, which has four letters.
    pub(super) kind: [u8; 4],
    /// The range of the bytes after the header, without those that are missing.
    pub(super) content: Range<u64>,
    /// Whether bytes are missing.
    pub(super) cut: bool,
}

/// An iterator over the boxes in a part of a file.
pub(super) struct Boxes {
    rest: Range<u64>,
    tolerance: Tolerance,
    count: u32,
}

impl Boxes {
    pub(super) fn new(part: Range<u64>, tolerance: Tolerance) -> Self {
        Self { rest: part, tolerance, count: 0 }
    }

    /// Reads the header of the next box.
    pub(super) fn next<S: Source>(&mut self, cursor: &mut Cursor<'_, S>) -> Read<Option<BoxHeader>, S> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.count += 1;
        if self.count > MAX_BOXES {
            return Err(AvifFault::Damaged("there are too many boxes"));
        }
        let header = match header(cursor.within(self.rest.clone())) {
            Err(ReadError::Source(error)) => return Err(AvifFault::Source(error)),
            Err(ReadError::EndedEarly) => None,
            Ok(header) => header.filter(|header| self.tolerance == Tolerance::Lenient || !header.cut),
        };
        match (&header, self.tolerance) {
            (Some(header), _) => self.rest.start = header.content.end,
            (None, Tolerance::Lenient) => self.rest.start = self.rest.end,
            (None, Tolerance::Strict) => return Err(AvifFault::Damaged("a box does not fit")),
        }
        Ok(header)
    }
}

/// Reads the header at the start of `part`. Returns `None` if the stated size is smaller than the header itself.
fn header<S: Source>(mut part: Cursor<'_, S>) -> Result<Option<BoxHeader>, ReadError<S::Error>> {
    let (begin, end) = (part.position(), part.length());
    let short = part.u32(Order::Big)?;
    let kind = part.array()?;
    // 1 means that a long size follows the name, and 0 that the box contains everything that is left.
    let size = match short {
        0 => end - begin,
        1 => part.u64(Order::Big)?,
        size => size.into(),
    };
    let start = part.position();
    let announced = begin.saturating_add(size);
    Ok((start <= announced).then(|| BoxHeader {
        kind,
        content: start..announced.min(end),
        cut: announced > end,
    }))
}

/// Reads the version and the flags at the start of a "full" box.
pub(super) fn version<S: Source>(fields: &mut Cursor<'_, S>) -> Result<(u8, u32), ReadError<S::Error>> {
    let [version, flags @ ..] = fields.array::<4>()?;
    Ok((version, u32::from_be_bytes([0, flags[0], flags[1], flags[2]])))
}

/// Reads the number of an item.
pub(super) fn item_number<S: Source>(
    fields: &mut Cursor<'_, S>,
    wide: bool,
) -> Result<u32, ReadError<S::Error>> {
    if wide { fields.u32(Order::Big) } else { fields.u16(Order::Big).map(u32::from) }
}
