//! TIFF and BigTIFF: the first image's directory, its strips or tiles, and the chain of directories.
//!
//! Source: TIFF 6.0 § 2; the BigTIFF proposal for the wide layout.

use std::collections::HashSet;

use crate::cursor::{Cursor, Order};
use crate::inspect::{Inspected, ensure};
use crate::refusal::Refusal;
use crate::source::Source;

/// More directories than this are not a document but an attack.
const MAX_DIRECTORIES: usize = 1000;
/// A classic directory cannot have more; a BigTIFF one has no reason to.
const MAX_ENTRIES: u64 = 65_535;
/// Strips or tiles whose place is checked; what lies beyond is left to the decoder.
const MAX_PIECES: u64 = 4096;

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const STRIP_OFFSETS: u16 = 273;
const STRIP_BYTE_COUNTS: u16 = 279;
const TILE_OFFSETS: u16 = 324;
const TILE_BYTE_COUNTS: u16 = 325;

/// Checks the directories and gives width and height of the first image.
pub(crate) fn inspect<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<(u32, u32), S> {
    let layout = Layout::read(cursor)?;
    let first = layout.offset(cursor)?;
    let (directory, next) = layout.directory(cursor, first)?;
    layout.follow(cursor, first, next)?;

    let size = (layout.dimension(cursor, directory.width)?, layout.dimension(cursor, directory.height)?);
    layout.pieces(cursor, &directory)?;
    Ok(size)
}

/// How numbers and offsets are written.
#[derive(Clone, Copy)]
struct Layout {
    order: Order,
    big: bool,
}

/// Where the values of a directory's entry lie.
#[derive(Clone, Copy)]
struct Field {
    kind: u16,
    count: u64,
    at: u64,
}

/// The entries that matter here.
#[derive(Default)]
struct Directory {
    width: Option<Field>,
    height: Option<Field>,
    offsets: Option<Field>,
    byte_counts: Option<Field>,
}

impl Layout {
    /// Reads the file's header up to the first directory's offset.
    fn read<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<Self, S> {
        let order = match &cursor.array()? {
            b"II" => Order::Little,
            b"MM" => Order::Big,
            _ => return Err(Refusal::Invalid.into()),
        };
        let big = cursor.u16(order)? == 43;
        if big {
            ensure(cursor.u16(order)? == 8 && cursor.u16(order)? == 0)?; // bytes of an offset
        }
        Ok(Self { order, big })
    }

    /// An offset, or a number that is as wide as one.
    fn offset<S: Source>(self, cursor: &mut Cursor<'_, S>) -> Inspected<u64, S> {
        Ok(if self.big { cursor.u64(self.order)? } else { cursor.u32(self.order)?.into() })
    }

    fn offset_size(self) -> u64 {
        if self.big { 8 } else { 4 }
    }

    /// Goes to the directory at `offset`, which must lie in the file whole, and counts its entries.
    fn open<S: Source>(self, cursor: &mut Cursor<'_, S>, offset: u64) -> Inspected<u64, S> {
        cursor.go_to(offset)?;
        let entries = if self.big { cursor.u64(self.order)? } else { cursor.u16(self.order)?.into() };
        ensure((1..=MAX_ENTRIES).contains(&entries))?;
        ensure(entries * self.entry_size() + self.offset_size() <= cursor.remaining())?;
        Ok(entries)
    }

    fn entry_size(self) -> u64 {
        if self.big { 20 } else { 12 }
    }

    /// Reads the directory at `offset` and the offset of the one after it.
    fn directory<S: Source>(self, cursor: &mut Cursor<'_, S>, offset: u64) -> Inspected<(Directory, u64), S> {
        let mut directory = Directory::default();
        for _ in 0..self.open(cursor, offset)? {
            let tag = cursor.u16(self.order)?;
            let kind = cursor.u16(self.order)?;
            let count = self.offset(cursor)?;
            let inline = cursor.position();
            let value = self.offset(cursor)?;
            let slot = match tag {
                WIDTH => &mut directory.width,
                HEIGHT => &mut directory.height,
                STRIP_OFFSETS | TILE_OFFSETS => &mut directory.offsets,
                STRIP_BYTE_COUNTS | TILE_BYTE_COUNTS => &mut directory.byte_counts,
                _ => continue,
            };
            let size = number_size(kind).and_then(|size| size.checked_mul(count)).ok_or(Refusal::Invalid)?;
            let at = if size <= self.offset_size() { inline } else { value };
            let end = at.checked_add(size).ok_or(Refusal::Invalid)?;
            ensure(count > 0 && end <= cursor.length())?;
            slot.get_or_insert(Field { kind, count, at });
        }
        let next = self.offset(cursor)?;
        Ok((directory, next))
    }

    /// Follows the chain of directories to its end.
    fn follow<S: Source>(self, cursor: &mut Cursor<'_, S>, first: u64, mut next: u64) -> Inspected<(), S> {
        let mut visited = HashSet::from([first]);
        while next != 0 {
            ensure(visited.insert(next) && visited.len() <= MAX_DIRECTORIES)?;
            let entries = self.open(cursor, next)?;
            cursor.skip(entries * self.entry_size())?;
            next = self.offset(cursor)?;
        }
        Ok(())
    }

    fn number<S: Source>(self, cursor: &mut Cursor<'_, S>, kind: u16) -> Inspected<u64, S> {
        match number_size(kind) {
            Some(1) => Ok(cursor.byte()?.into()),
            Some(2) => Ok(cursor.u16(self.order)?.into()),
            Some(4) => Ok(cursor.u32(self.order)?.into()),
            Some(_) => Ok(cursor.u64(self.order)?),
            None => Err(Refusal::Invalid.into()),
        }
    }

    fn dimension<S: Source>(self, cursor: &mut Cursor<'_, S>, field: Option<Field>) -> Inspected<u32, S> {
        let field = field.ok_or(Refusal::Invalid)?;
        cursor.go_to(field.at)?;
        let number = self.number(cursor, field.kind)?;
        let number = u32::try_from(number).map_err(|_| Refusal::Invalid)?;
        ensure(number > 0)?;
        Ok(number)
    }

    /// Checks that the strips or tiles lie in the file. Without byte counts, which a few old writers
    /// leave out, only their starts are checked.
    fn pieces<S: Source>(self, cursor: &mut Cursor<'_, S>, directory: &Directory) -> Inspected<(), S> {
        let offsets = self.numbers(cursor, directory.offsets.ok_or(Refusal::Invalid)?)?;
        let sizes = match directory.byte_counts {
            Some(field) => self.numbers(cursor, field)?,
            None => vec![1; offsets.len()],
        };
        Ok(ensure(
            offsets
                .iter()
                .zip(&sizes)
                .all(|(offset, size)| offset.checked_add(*size).is_some_and(|end| end <= cursor.length())),
        )?)
    }

    /// The numbers of a field, as far as they are looked at.
    fn numbers<S: Source>(self, cursor: &mut Cursor<'_, S>, field: Field) -> Inspected<Vec<u64>, S> {
        cursor.go_to(field.at)?;
        (0..field.count.min(MAX_PIECES)).map(|_| self.number(cursor, field.kind)).collect()
    }
}

/// The bytes of one value of an unsigned type: BYTE, SHORT, LONG, IFD, LONG8, IFD8.
fn number_size(kind: u16) -> Option<u64> {
    match kind {
        1 => Some(1),
        3 => Some(2),
        4 | 13 => Some(4),
        16 | 18 => Some(8),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests;
