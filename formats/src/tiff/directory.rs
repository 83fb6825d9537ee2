//! A directory of a TIFF, which is a list of entries with a tag, a type, a count and a value.

use super::entry::{Entry, Kind};
use super::layout::Layout;
use super::tag::{TAGS, Tag};
use crate::cursor::{Cursor, ReadError};
use crate::fault::{Fault, Found};
use crate::source::Source;

/// The most entries of a directory. A classic TIFF cannot have more, and a BigTIFF does not need more.
const MAX_ENTRIES: u64 = 65_535;

/// A directory with the first entry of each tag that is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Directory {
    entries: [Option<Entry>; TAGS.len()],
}

impl Directory {
    /// Reads the directory at `offset` and the offset of the one after it.
    pub(crate) fn read<S: Source>(
        layout: Layout,
        cursor: &mut Cursor<'_, S>,
        offset: u64,
    ) -> Found<(Self, u64), S> {
        let mut directory = Self::default();
        for _ in 0..open(layout, cursor, offset)? {
            let tag = cursor.u16(layout.order)?;
            let kind = Kind(cursor.u16(layout.order)?);
            let count = layout.offset(cursor)?;
            let inline = cursor.position();
            let elsewhere = layout.offset(cursor)?;
            let Ok(index) = TAGS.binary_search_by_key(&tag, |&tag| tag as u16) else { continue };
            // Entries of an unknown type have to be skipped (TIFF 6.0 § 2).
            let Some(size) = kind.size() else { continue };
            let size = size.saturating_mul(count);
            let start = if size <= layout.offset_size() { inline } else { elsewhere };
            let value = start..start.saturating_add(size);
            directory.entries[index].get_or_insert(Entry { kind, count, value });
        }
        let next = layout.offset(cursor)?;
        Ok((directory, next))
    }

    /// Skips the directory at `offset`, and returns the offset of the one after it.
    pub(crate) fn skip<S: Source>(layout: Layout, cursor: &mut Cursor<'_, S>, offset: u64) -> Found<u64, S> {
        let entries = open(layout, cursor, offset)?;
        cursor.skip(entries * layout.entry_size())?;
        layout.offset(cursor)
    }

    pub(crate) fn entry(&self, tag: Tag) -> Option<&Entry> {
        let index = TAGS.binary_search_by_key(&(tag as u16), |&tag| tag as u16).ok()?;
        self.entries[index].as_ref()
    }

    /// The single unsigned number of an entry, if there is such an entry.
    pub(crate) fn number<S: Source>(
        &self,
        layout: Layout,
        cursor: &mut Cursor<'_, S>,
        tag: Tag,
    ) -> Found<Option<u64>, S> {
        let Some(entry) = self.entry(tag) else { return Ok(None) };
        if entry.count == 0 {
            return Err(Fault::Damaged("an entry has no value"));
        }
        entry.numbers(layout, cursor)?.next().transpose()
    }
}

/// Moves to the directory at `offset`, which must lie completely in the file, and returns the number of its entries.
fn open<S: Source>(layout: Layout, cursor: &mut Cursor<'_, S>, offset: u64) -> Found<u64, S> {
    cursor.go_to(offset)?;
    let entries = if layout.big { cursor.u64(layout.order)? } else { cursor.u16(layout.order)?.into() };
    if !(1..=MAX_ENTRIES).contains(&entries) {
        return Err(Fault::Damaged("a directory has no entries, or too many"));
    }
    if entries * layout.entry_size() + layout.offset_size() > cursor.remaining() {
        return Err(ReadError::EndedEarly.into());
    }
    Ok(entries)
}
