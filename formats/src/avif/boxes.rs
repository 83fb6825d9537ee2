//! The boxes of an ISO base media file, one after the other.
//!
//! Source: ISO/IEC 14496-12, section 4.2.

use std::ops::Range;

use super::fault::{AvifFault, Read};
use crate::cursor::{Cursor, Order, ReadError};
use crate::source::Source;

/// The most boxes that are read side by side: more are not an image but an attack.
const MAX_BOXES: u32 = 4096;

/// What is done about a box that does not fit into what it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tolerance {
    /// The file is damaged.
    Strict,
    /// A box is cut off where its surroundings end, and what cannot be a box ends the row of boxes.
    Lenient,
}

/// What the header of a box says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BoxHeader {
    /// The name, in four letters.
    pub(super) kind: [u8; 4],
    /// Where the bytes behind the header are, without those that are missing.
    pub(super) content: Range<u64>,
    /// Whether bytes are missing.
    pub(super) cut: bool,
}

/// The boxes in a part of a file.
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

/// Reads the header at the start of `part`; nothing comes of a size that is smaller than the header itself.
fn header<S: Source>(mut part: Cursor<'_, S>) -> Result<Option<BoxHeader>, ReadError<S::Error>> {
    let (begin, end) = (part.position(), part.length());
    let short = part.u32(Order::Big)?;
    let kind = part.array()?;
    // 1 stands for a long size behind the name, 0 for all that is left.
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

/// Reads the version and the flags that a "full" box starts with.
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
