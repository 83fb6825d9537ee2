//! The scans of a file that has more than one.

use std::ops::Range;

use super::frame::Frame;
use super::marker::{Coding, Meaning};
use super::scan::ScanHeader;
use super::segment::{self, Place};
use crate::cursor::{Cursor, ReadError};
use crate::source::Source;

/// A file with more is not decoded: each scan costs a walk over all coefficients, whatever its length, so that a file
/// of some kilobytes could keep a renderer busy for minutes. Real encoders write about 10, optimising ones up to 30.
pub const MAX_SCANS: usize = 100;

/// Where a file has a scan.
#[derive(Clone, Debug)]
pub(crate) struct ScanPlace {
    header: ScanHeader,
    tables: Range<u64>,
    segment: Range<u64>,
    data: Range<u64>,
}

/// Where a file has its scans, up to one more than [`MAX_SCANS`].
#[derive(Clone, Debug, Default)]
pub(crate) struct ScanPlaces {
    list: Vec<ScanPlace>,
    complete: bool,
}

impl ScanPlaces {
    /// Walks through the file from the first scan on, whose segment is `first`. Stops at what a decoder would choke
    /// on, so that what came before can be shown.
    pub(crate) fn find<S: Source>(
        cursor: &mut Cursor<'_, S>,
        first: Place,
        frame: &Frame,
    ) -> Result<Self, ReadError<S::Error>> {
        let mut scans = Self::default();
        // Those before the first scan begin behind SOI.
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
    /// What its header says.
    pub header: ScanHeader,
    /// The tables and other segments before it.
    pub tables: &'a [u8],
    /// Its header's segment.
    pub segment: &'a [u8],
    /// Its entropy-coded data.
    pub data: &'a [u8],
}

/// All scans of a file in memory, up to one more than [`MAX_SCANS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scans<'a> {
    /// In the order of the file.
    pub list: Vec<Scan<'a>>,
    /// Whether the image ends with its marker, and all before it makes sense.
    pub complete: bool,
    /// The file up to where the last scan's data end.
    pub up_to_the_last: &'a [u8],
}

impl<'a> Scans<'a> {
    pub(crate) fn of(file: &'a [u8], places: ScanPlaces) -> Self {
        let part = |range: &Range<u64>| &file[range.start as usize..range.end as usize];
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
