//! The file header of a TIFF: the byte order, the width of offsets, and the offset of the first directory.

use crate::cursor::{Cursor, Order};
use crate::fault::{Fault, Found};
use crate::source::Source;

/// The form in which numbers and offsets are stored (TIFF 6.0 § 2, BigTIFF).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The byte order of every number.
    pub order: Order,
    /// Whether the file is a BigTIFF, in which offsets and counts have 8 bytes instead of 4.
    pub big: bool,
}

impl Layout {
    /// Reads the file header up to the offset of the first directory.
    pub(crate) fn read<S: Source>(cursor: &mut Cursor<'_, S>) -> Found<Self, S> {
        let order = match &cursor.array()? {
            b"II" => Order::Little,
            b"MM" => Order::Big,
            _ => return Err(Fault::Damaged("the order of bytes is unknown")),
        };
        let big = match cursor.u16(order)? {
            42 => false,
            // The two numbers are the number of bytes of an offset, and a constant.
            43 if (cursor.u16(order)?, cursor.u16(order)?) == (8, 0) => true,
            _ => return Err(Fault::Damaged("the version is unknown")),
        };
        Ok(Self { order, big })
    }

    /// The position in the file of the offset of the first directory.
    #[must_use]
    pub fn first_directory_at(self) -> u64 {
        if self.big { 8 } else { 4 }
    }

    /// The number of bytes of an offset, and of an entry's value.
    #[must_use]
    pub fn offset_size(self) -> u64 {
        if self.big { 8 } else { 4 }
    }

    /// The number of bytes of an entry.
    pub(crate) fn entry_size(self) -> u64 {
        if self.big { 20 } else { 12 }
    }

    /// Reads an offset, or a number of the same width.
    pub(crate) fn offset<S: Source>(self, cursor: &mut Cursor<'_, S>) -> Found<u64, S> {
        Ok(if self.big { cursor.u64(self.order)? } else { cursor.u32(self.order)?.into() })
    }
}
