//! TIFF and BigTIFF: the first image's directory, its strips or tiles, and the chain of directories.
//!
//! Source: TIFF 6.0 § 2; the BigTIFF proposal for the wide layout.

use std::collections::HashSet;
use std::io::{BufRead, Seek};

use super::source::{Order, Source};
use super::{StructureError, ensure};

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
pub(super) fn inspect<R: BufRead + Seek>(source: &mut Source<'_, R>) -> Result<(u32, u32), StructureError> {
    let layout = Layout::read(source)?;
    let first = layout.offset(source)?;
    let (directory, next) = layout.directory(source, first)?;
    layout.follow(source, first, next)?;

    let size = (layout.dimension(source, directory.width)?, layout.dimension(source, directory.height)?);
    layout.pieces(source, &directory)?;
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
    fn read<R: BufRead + Seek>(source: &mut Source<'_, R>) -> Result<Self, StructureError> {
        let order = match &source.array()? {
            b"II" => Order::Little,
            b"MM" => Order::Big,
            _ => return Err(StructureError::Invalid),
        };
        let big = source.u16(order)? == 43;
        if big {
            ensure(source.u16(order)? == 8 && source.u16(order)? == 0)?; // bytes of an offset
        }
        Ok(Self { order, big })
    }

    /// An offset, or a number that is as wide as one.
    fn offset<R: BufRead + Seek>(self, source: &mut Source<'_, R>) -> Result<u64, StructureError> {
        if self.big { source.u64(self.order) } else { source.u32(self.order).map(u64::from) }
    }

    fn offset_size(self) -> u64 {
        if self.big { 8 } else { 4 }
    }

    /// Goes to the directory at `offset`, which must lie in the file whole, and counts its entries.
    fn open<R: BufRead + Seek>(self, source: &mut Source<'_, R>, offset: u64) -> Result<u64, StructureError> {
        source.go_to(offset)?;
        let entries = if self.big { source.u64(self.order)? } else { source.u16(self.order)?.into() };
        ensure((1..=MAX_ENTRIES).contains(&entries))?;
        ensure(entries * self.entry_size() + self.offset_size() <= source.remaining())?;
        Ok(entries)
    }

    fn entry_size(self) -> u64 {
        if self.big { 20 } else { 12 }
    }

    /// Reads the directory at `offset` and the offset of the one after it.
    fn directory<R: BufRead + Seek>(
        self,
        source: &mut Source<'_, R>,
        offset: u64,
    ) -> Result<(Directory, u64), StructureError> {
        let mut directory = Directory::default();
        for _ in 0..self.open(source, offset)? {
            let tag = source.u16(self.order)?;
            let kind = source.u16(self.order)?;
            let count = self.offset(source)?;
            let inline = source.position();
            let value = self.offset(source)?;
            let slot = match tag {
                WIDTH => &mut directory.width,
                HEIGHT => &mut directory.height,
                STRIP_OFFSETS | TILE_OFFSETS => &mut directory.offsets,
                STRIP_BYTE_COUNTS | TILE_BYTE_COUNTS => &mut directory.byte_counts,
                _ => continue,
            };
            let size =
                number_size(kind).and_then(|size| size.checked_mul(count)).ok_or(StructureError::Invalid)?;
            let at = if size <= self.offset_size() { inline } else { value };
            let end = at.checked_add(size).ok_or(StructureError::Invalid)?;
            ensure(count > 0 && end <= source.length())?;
            slot.get_or_insert(Field { kind, count, at });
        }
        let next = self.offset(source)?;
        Ok((directory, next))
    }

    /// Follows the chain of directories to its end.
    fn follow<R: BufRead + Seek>(
        self,
        source: &mut Source<'_, R>,
        first: u64,
        mut next: u64,
    ) -> Result<(), StructureError> {
        let mut visited = HashSet::from([first]);
        while next != 0 {
            ensure(visited.insert(next) && visited.len() <= MAX_DIRECTORIES)?;
            let entries = self.open(source, next)?;
            source.skip(entries * self.entry_size())?;
            next = self.offset(source)?;
        }
        Ok(())
    }

    fn number<R: BufRead + Seek>(self, source: &mut Source<'_, R>, kind: u16) -> Result<u64, StructureError> {
        match number_size(kind) {
            Some(1) => source.byte().map(u64::from),
            Some(2) => source.u16(self.order).map(u64::from),
            Some(4) => source.u32(self.order).map(u64::from),
            Some(_) => source.u64(self.order),
            None => Err(StructureError::Invalid),
        }
    }

    fn dimension<R: BufRead + Seek>(
        self,
        source: &mut Source<'_, R>,
        field: Option<Field>,
    ) -> Result<u32, StructureError> {
        let field = field.ok_or(StructureError::Invalid)?;
        source.go_to(field.at)?;
        let number = self.number(source, field.kind)?;
        let number = u32::try_from(number).map_err(|_| StructureError::Invalid)?;
        ensure(number > 0)?;
        Ok(number)
    }

    /// Checks that the strips or tiles lie in the file. Without byte counts, which a few old writers
    /// leave out, only their starts are checked.
    fn pieces<R: BufRead + Seek>(
        self,
        source: &mut Source<'_, R>,
        directory: &Directory,
    ) -> Result<(), StructureError> {
        let offsets = self.numbers(source, directory.offsets.ok_or(StructureError::Invalid)?)?;
        let sizes = match directory.byte_counts {
            Some(field) => self.numbers(source, field)?,
            None => vec![1; offsets.len()],
        };
        ensure(
            offsets
                .iter()
                .zip(&sizes)
                .all(|(offset, size)| offset.checked_add(*size).is_some_and(|end| end <= source.length())),
        )
    }

    /// The numbers of a field, as far as they are looked at.
    fn numbers<R: BufRead + Seek>(
        self,
        source: &mut Source<'_, R>,
        field: Field,
    ) -> Result<Vec<u64>, StructureError> {
        source.go_to(field.at)?;
        (0..field.count.min(MAX_PIECES)).map(|_| self.number(source, field.kind)).collect()
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
pub(super) mod tests;
