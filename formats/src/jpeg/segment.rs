//! The segments of a JPEG. A segment is a marker with its length and its body, without a scan's data (T.81, B.1.1.4).

use std::ops::Range;

use super::marker;
use crate::cursor::{Cursor, Order, ReadError};
use crate::source::Source;

/// The position of a segment in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The second byte of the marker.
    pub(crate) marker: u8,
    /// The whole segment, from the 0xFF of the marker to the end of the body.
    pub(crate) whole: Range<u64>,
    /// The body, without the length.
    pub(crate) body: Range<u64>,
    /// The length that the segment announces, which includes its own two bytes. It is 2 for a marker without a body.
    pub(crate) announced: u16,
}

/// The smallest length of a segment, which includes its own two bytes.
const SHORTEST: u16 = 2;

/// Moves to the end of the next segment and returns its position.
///
/// A length of less than 2 is treated as 2, because libjpeg continues its search for a marker right after it.
pub(crate) fn next<S: Source>(cursor: &mut Cursor<'_, S>) -> Result<Place, ReadError<S::Error>> {
    let marker = marker::next(cursor)?;
    let start = cursor.position() - 2;
    let (announced, body) = if marker::stands_alone(marker) {
        (SHORTEST, cursor.skip(0)?)
    } else {
        let announced = cursor.u16(Order::Big)?;
        (announced, cursor.skip(u64::from(announced.saturating_sub(SHORTEST)))?)
    };
    Ok(Place { marker, whole: start..body.end, body, announced })
}

/// Moves to the end of a scan's data, which begin at the cursor. They end at the next marker that is no restart marker,
/// or at the end of the file.
pub(crate) fn pass_data<S: Source>(cursor: &mut Cursor<'_, S>) -> Result<(), ReadError<S::Error>> {
    loop {
        match marker::next(cursor) {
            Ok(code) if marker::is_restart(code) => {}
            Ok(_) => return cursor.go_to(cursor.position() - 2),
            Err(ReadError::EndedEarly) => return cursor.go_to(cursor.length()),
            Err(error) => return Err(error),
        }
    }
}

impl Place {
    /// Whether the announced length includes at least its own two bytes.
    pub(crate) fn has_a_possible_length(&self) -> bool {
        self.announced >= SHORTEST
    }

    /// Reads the first bytes of the body, up to `N` of them.
    pub(crate) fn opening<const N: usize, S: Source>(
        &self,
        cursor: &mut Cursor<'_, S>,
    ) -> Result<Opening<N>, ReadError<S::Error>> {
        let mut bytes = [0; N];
        let mut filled = 0;
        let mut body = cursor.within(self.body.clone());
        body.read_through((self.body.end - self.body.start).min(N as u64), |piece| {
            bytes[filled..filled + piece.len()].copy_from_slice(piece);
            filled += piece.len();
        })?;
        Ok(Opening { bytes, filled })
    }
}

/// The first bytes of a body.
pub(crate) struct Opening<const N: usize> {
    bytes: [u8; N],
    filled: usize,
}

impl<const N: usize> Opening<N> {
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }
}

/// A segment of a file in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// The second byte of the marker, see [`marker`].
    pub marker: u8,
    /// The whole segment, from the 0xFF of the marker to the end of the body.
    pub whole: &'a [u8],
    /// The body, without the length.
    pub body: &'a [u8],
    /// The number of bytes before the marker that belong to no segment.
    pub skipped: usize,
}

/// An iterator over the segments of a part of a file that contains no scan's data.
#[derive(Clone, Debug)]
pub struct Segments<'a> {
    rest: &'a [u8],
}

impl<'a> Segments<'a> {
    /// The segments of `part`.
    #[must_use]
    pub fn of(part: &'a [u8]) -> Self {
        Self { rest: part }
    }

    /// The bytes after the segments that were read so far.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let mut source = self.rest;
        let Place { marker, whole, body, .. } = next(&mut Cursor::new(&mut source)).ok()?;
        let part = |range: Range<u64>| &self.rest[range.start as usize..range.end as usize];
        let skipped = whole.start as usize;
        let segment = Segment { marker, body: part(body), skipped, whole: part(whole.clone()) };
        self.rest = &self.rest[whole.end as usize..];
        Some(segment)
    }
}
