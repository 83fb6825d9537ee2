//! The positions of the bytes of items in the file.
//!
//! Source: ISO/IEC 14496-12, section 8.11.3.

use std::ops::Range;

use super::boxes::{item_number, version};
use super::fault::{AvifFault, Read};
use super::feature::Feature;
use crate::cursor::{Cursor, Order, ReadError};
use crate::source::Source;

/// The most pieces that the bytes of all items together may consist of. Real files have one or two per item.
pub(super) const MAX_EXTENTS: u64 = 65_536;

/// The position of the bytes of one item, as the file states it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The construction method: 0 means that offsets count from the start of the file, 1 from the start of `idat`.
    method: u16,
    base: u64,
    extents: u16,
    /// The offset of the description of the first extent.
    described_at: u64,
}

/// The widths of the numbers that describe an extent, in bytes: 0, 4 or 8.
#[derive(Clone, Copy, Debug, Default)]
struct Widths {
    index: u8,
    offset: u8,
    length: u8,
}

impl Widths {
    fn of_extent(self) -> u64 {
        [self.index, self.offset, self.length].map(u64::from).iter().sum()
    }
}

/// The content of the `iloc` box.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    widths: Widths,
    /// The range of `idat`, which holds bytes of items within `meta` itself.
    pub(super) data: Range<u64>,
}

impl Places {
    /// Reads `iloc`, and passes on each item with its position. The descriptions of the extents are skipped.
    pub(super) fn read<S: Source>(
        cursor: &mut Cursor<'_, S>,
        iloc: Range<u64>,
        mut found: impl FnMut(u32, Place) -> Read<(), S>,
    ) -> Read<Self, S> {
        let mut fields = cursor.within(iloc);
        let (version, _) = version(&mut fields)?;
        let sizes = fields.u16(Order::Big)?;
        let [offset, length, base, index] = [12, 8, 4, 0].map(|shift| (sizes >> shift & 15) as u8);
        let index = if version == 0 { 0 } else { index };
        if [offset, length, base, index].iter().any(|width| !matches!(width, 0 | 4 | 8)) {
            return Err(AvifFault::Damaged("the places of the items have numbers of odd lengths"));
        }
        let widths = Widths { index, offset, length };
        let items = item_number(&mut fields, version > 1)?;
        let mut total = 0;
        for _ in 0..items {
            let id = item_number(&mut fields, version > 1)?;
            let method = if version == 0 { 0 } else { fields.u16(Order::Big)? & 15 };
            fields.skip(2)?; // which file
            let base = number(&mut fields, base)?;
            let extents = fields.u16(Order::Big)?;
            total += u64::from(extents);
            let described_at = fields.position();
            // Extents whose numbers have no bytes are all identical, so more than one of them makes no sense.
            if total > MAX_EXTENTS || extents > 1 && widths.of_extent() == 0 {
                return Err(AvifFault::Damaged("the items lie in too many pieces"));
            }
            fields.skip(u64::from(extents) * widths.of_extent())?;
            found(id, Place { method, base, extents, described_at })?;
        }
        Ok(Self { widths, data: 0..0 })
    }

    /// Passes on the pieces of an item in order, as ranges of the file.
    pub(super) fn pieces<S: Source>(
        &self,
        cursor: &mut Cursor<'_, S>,
        place: Place,
        mut found: impl FnMut(Range<u64>) -> Read<(), S>,
    ) -> Read<(), S> {
        let room = match place.method {
            0 => 0..cursor.length(),
            1 => self.data.clone(),
            _ => return Err(Feature::BytesOfOtherItems.into()),
        };
        let end = place.described_at + u64::from(place.extents) * self.widths.of_extent();
        for index in 0..u64::from(place.extents) {
            let mut fields = cursor.within(place.described_at + index * self.widths.of_extent()..end);
            number(&mut fields, self.widths.index)?;
            let offset = number(&mut fields, self.widths.offset)?;
            let length = number(&mut fields, self.widths.length)?;
            let start =
                [place.base, offset].iter().try_fold(room.start, |start, &more| start.checked_add(more));
            let start = start.filter(|&start| start <= room.end).ok_or(AvifFault::EndedEarly)?;
            // A length of 0 means everything that follows.
            let end = if length == 0 { Some(room.end) } else { start.checked_add(length) };
            let end = end.filter(|&end| end <= room.end).ok_or(AvifFault::EndedEarly)?;
            found(start..end)?;
        }
        Ok(())
    }
}

/// Reads a number of 0, 4 or 8 bytes.
fn number<S: Source>(fields: &mut Cursor<'_, S>, width: u8) -> Result<u64, ReadError<S::Error>> {
    match width {
        0 => Ok(0),
        4 => fields.u32(Order::Big).map(u64::from),
        _ => fields.u64(Order::Big),
    }
}
