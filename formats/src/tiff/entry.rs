//! An entry of a directory: the type, the count and the position of its values.

use std::ops::Range;

use super::layout::Layout;
use crate::cursor::{Cursor, ReadError};
use crate::fault::{Fault, Found};
use crate::source::Source;

/// The type of an entry's values, as the number in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(pub u16);

impl Kind {
    pub(crate) const SHORT: Self = Self(3);
    const RATIONAL: Self = Self(5);

    /// The number of bytes of one value, or `None` for a type that is in no specification.
    pub(super) fn size(self) -> Option<u64> {
        match self.0 {
            // BYTE, ASCII, SBYTE, UNDEFINED
            1 | 2 | 6 | 7 => Some(1),
            // SHORT, SSHORT
            3 | 8 => Some(2),
            // LONG, SLONG, FLOAT, IFD
            4 | 9 | 11 | 13 => Some(4),
            // RATIONAL, SRATIONAL, DOUBLE, LONG8, SLONG8, IFD8
            5 | 10 | 12 | 16..=18 => Some(8),
            _ => None,
        }
    }

    /// The number of bytes of one value, if the type is an unsigned integer: BYTE, SHORT, LONG, IFD, LONG8, IFD8.
    fn unsigned_size(self) -> Option<u64> {
        matches!(self.0, 1 | 3 | 4 | 13 | 16 | 18).then(|| self.size()).flatten()
    }
}

/// The type, the count and the position of an entry's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The type of the values.
    pub kind: Kind,
    /// The number of the values.
    pub count: u64,
    /// The range of the values in the file. It is within the entry itself if they fit there, and may lie outside of the
    /// file.
    pub value: Range<u64>,
}

impl Entry {
    /// An iterator over the unsigned numbers of the entry, which must lie completely in the file.
    pub(crate) fn numbers<'c, 's, S: Source>(
        &self,
        layout: Layout,
        cursor: &'c mut Cursor<'s, S>,
    ) -> Found<impl Iterator<Item = Found<u64, S>> + use<'c, 's, S>, S> {
        let size = self.kind.unsigned_size().ok_or(Fault::Damaged("a number is of another type"))?;
        self.go_to(cursor)?;
        let count = self.count;
        Ok((0..count).map(move |_| {
            Ok(match size {
                1 => cursor.byte()?.into(),
                2 => cursor.u16(layout.order)?.into(),
                4 => cursor.u32(layout.order)?.into(),
                _ => cursor.u64(layout.order)?,
            })
        }))
    }

    /// Reads the unsigned numbers from `index` on, until `numbers` is full. Returns how many were read.
    pub(crate) fn numbers_from<S: Source>(
        &self,
        layout: Layout,
        cursor: &mut Cursor<'_, S>,
        index: u64,
        numbers: &mut [u64],
    ) -> Found<usize, S> {
        let size = self.kind.unsigned_size().ok_or(Fault::Damaged("a number is of another type"))?;
        let start = self.value.start.saturating_add(index.saturating_mul(size));
        let count = self.count.saturating_sub(index).min(numbers.len() as u64);
        let part = Self { kind: self.kind, count, value: start..start.saturating_add(count * size) };
        let mut filled = 0;
        for (slot, number) in numbers.iter_mut().zip(part.numbers(layout, cursor)?) {
            *slot = number?;
            filled += 1;
        }
        Ok(filled)
    }

    /// Reads `N` ratios of unsigned numbers, if the entry consists of these.
    pub(crate) fn ratios<S: Source, const N: usize>(
        &self,
        layout: Layout,
        cursor: &mut Cursor<'_, S>,
    ) -> Found<Option<[f32; N]>, S> {
        if self.kind != Kind::RATIONAL || self.count != N as u64 || self.value.end > cursor.length() {
            return Ok(None);
        }
        self.go_to(cursor)?;
        let mut ratios = [0.0; N];
        for ratio in &mut ratios {
            let (over, under) = (cursor.u32(layout.order)?, cursor.u32(layout.order)?);
            *ratio = over as f32 / under as f32;
        }
        Ok(Some(ratios))
    }

    /// The range of the values, if it lies in the file.
    pub(crate) fn within<S: Source>(&self, cursor: &Cursor<'_, S>) -> Option<Range<u64>> {
        (self.value.end <= cursor.length()).then(|| self.value.clone())
    }

    fn go_to<S: Source>(&self, cursor: &mut Cursor<'_, S>) -> Found<(), S> {
        cursor.go_to(self.value.start)?;
        let length = self.value.end - self.value.start;
        if length > cursor.remaining() {
            return Err(ReadError::EndedEarly.into());
        }
        Ok(())
    }
}
