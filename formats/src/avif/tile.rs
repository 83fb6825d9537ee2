//! The AV1 data of tiles.

use std::borrow::Cow;
use std::ops::Range;

use super::fault::{AvifFault, Read};
use super::sequence::SequenceHeader;
use crate::cursor::Cursor;
use crate::source::Source;

/// The most bytes that are read of an item's data to find its header.
const OPENING: usize = 1024;
/// The AV1 data of one tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    pub(super) pieces: Vec<Range<u64>>,
}

impl Tile {
    /// Returns the data from the file that was read. It is not copied if it is in one piece.
    #[must_use]
    pub fn bytes<'a>(&self, file: &'a [u8]) -> Cow<'a, [u8]> {
        match &self.pieces[..] {
            [range] => Cow::Borrowed(bytes(file, range)),
            ranges => ranges.iter().flat_map(|range| bytes(file, range)).copied().collect::<Vec<_>>().into(),
        }
    }
}

/// Returns the bytes in a range of the file that was read. They are empty if the range does not lie in the file.
#[must_use]
pub fn bytes<'a>(file: &'a [u8], range: &Range<u64>) -> &'a [u8] {
    let side = |offset: u64| usize::try_from(offset).ok();
    let sides = side(range.start).zip(side(range.end));
    sides.and_then(|(start, end)| file.get(start..end)).unwrap_or_default()
}

/// Reads the header of AV1 data, which is usually short.
pub(super) fn sequence_header<S: Source>(
    cursor: &mut Cursor<'_, S>,
    pieces: &[Range<u64>],
) -> Read<SequenceHeader, S> {
    for length in [64, OPENING] {
        if let Some(header) = SequenceHeader::find(&opening(cursor, pieces, length)?) {
            return Ok(header);
        }
    }
    Err(AvifFault::Damaged("the AV1 data has no header"))
}

/// Reads the first bytes in `pieces`, at most `length`.
pub(super) fn opening<S: Source>(
    cursor: &mut Cursor<'_, S>,
    pieces: &[Range<u64>],
    length: usize,
) -> Read<Vec<u8>, S> {
    let mut bytes = Vec::with_capacity(length);
    for piece in pieces {
        let mut part = cursor.within(piece.clone());
        let count = part.remaining().min((length - bytes.len()) as u64);
        part.read_through(count, |piece| bytes.extend_from_slice(piece))?;
        if bytes.len() == length {
            break;
        }
    }
    Ok(bytes)
}
