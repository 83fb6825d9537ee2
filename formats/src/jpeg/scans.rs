//! The scans of a JPEG that has more than one.

use std::ops::Range;

use super::frame::Frame;
use super::marker::{Coding, Meaning};
use super::scan::ScanHeader;
use super::segment::{self, Place};
use crate::cursor::{Cursor, ReadError};
use crate::source::{Source, slice};

/// The most scans that a file may have to be decoded. Each scan costs a pass over all coefficients, whatever its
/// length, so that a file of some kilobytes could keep a renderer busy for minutes. Real encoders write about 10
/// scans, optimising ones up to 30.
pub const MAX_SCANS: usize = 100;

/// The position of a scan in a file.
#[derive(Clone, Debug)]
pub(crate) struct ScanPlace {
    header: ScanHeader,
    tables: Range<u64>,
    segment: Range<u64>,
    data: Range<u64>,
}

/// The positions of the scans in a file, up to one more than [`MAX_SCANS`].
#[derive(Clone, Debug, Default)]
pub(crate) struct ScanPlaces {
    list: Vec<ScanPlace>,
    complete: bool,
}

impl ScanPlaces {
    /// Finds the scans in the file, starting with the first one, whose segment is `first`. It stops at the first part
    /// that would make a decoder fail, so that the parts before can be shown.
    pub(crate) fn find<S: Source>(
        cursor: &mut Cursor<'_, S>,
        first: Place,
        frame: &Frame,
    ) -> Result<Self, ReadError<S::Error>> {
        let mut scans = Self::default();
        // The tables before the first scan begin after SOI.
        let mut tables = 2;
        let mut segment = first;
        loop {
            match Meaning::of(segment.marker) {
                Meaning::EndOfImage => {
                    scans.complete = true;
                    return Ok(scans);
                }
                Meaning::Scan => {
                    let opening = segment.opening::<{ ScanHeader::LONGEST }, S>(cursor)?;
                    let length = segment.body.end - segment.body.start;
                    let Some(header) = ScanHeader::parse(opening.as_slice(), length, frame) else {
                        return Ok(scans);
                    };
                    cursor.go_to(segment.whole.end)?;
                    segment::pass_data(cursor)?;
                    if frame.coding == Coding::Progressive && !header.is_progressive() {
                        return Ok(scans);
                    }
                    let data = segment.whole.end..cursor.position();
                    let tables_before = tables..segment.whole.start;
                    tables = data.end;
                    scans.list.push(ScanPlace {
                        header,
                        tables: tables_before,
                        segment: segment.whole,
                        data,
                    });
                    if scans.list.len() > MAX_SCANS {
                        return Ok(scans);
                    }
                }
                Meaning::Passed => {}
                _ => return Ok(scans),
            }
            segment = match segment::next(cursor) {
                Ok(segment) => segment,
                Err(ReadError::EndedEarly) => return Ok(scans),
                Err(error) => return Err(error),
            };
        }
    }
}

/// One scan of a file in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan<'a> {
    /// The header of the scan.
    pub header: ScanHeader,
    /// The tables and other segments before it.
    pub tables: &'a [u8],
    /// The segment of the header.
    pub segment: &'a [u8],
    /// The entropy-coded data of the scan.
    pub data: &'a [u8],
}

/// All scans of a file in memory, up to one more than [`MAX_SCANS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scans<'a> {
    /// The scans in the order of the file.
    pub list: Vec<Scan<'a>>,
    /// Whether the image ends with its end marker, and everything before it is valid.
    pub complete: bool,
    /// The file up to the end of the last scan's data.
    pub up_to_the_last: &'a [u8],
}

impl<'a> Scans<'a> {
    pub(crate) fn of(file: &'a [u8], places: ScanPlaces) -> Self {
        let part = |range: &Range<u64>| slice(file, range.clone());
        let end = places.list.last().map_or(0, |scan| scan.data.end);
        let scan = |place: ScanPlace| Scan {
            tables: part(&place.tables),
            segment: part(&place.segment),
            data: part(&place.data),
            header: place.header,
        };
        let up_to_the_last = part(&(0..end));
        Self { list: places.list.into_iter().map(scan).collect(), complete: places.complete, up_to_the_last }
    }
}
