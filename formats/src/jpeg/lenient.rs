//! The lenient reading of a JPEG: everything up to the first scan, and the other scans if there are more.

use std::ops::Range;

use super::frame::{Frame, FrameFault};
use super::icc::Chunks;
use super::marker::{self, Coding, Meaning};
use super::scan::ScanHeader;
use super::scans::{ScanPlaces, Scans};
use super::segment::{self, Place, Segments};
use crate::cursor::{Cursor, ReadError};
use crate::fault::Fault;
use crate::format::Format;
use crate::header::Header;
use crate::source::{Source, slice};
use crate::unreadable::Unreadable;

const EXIF: &[u8; 6] = b"Exif\0\0";
const ADOBE: &[u8; 5] = b"Adobe";
/// The length of Adobe's segment in bytes. The colour transform is the last byte.
const ADOBE_LENGTH: usize = 12;

/// The parts of a JPEG file in memory.
#[derive(Clone, Debug)]
pub struct Jpeg<'a> {
    /// The frame header.
    pub frame: Frame,
    /// The first EXIF block, without its identifier. Later ones belong to a thumbnail or are leftovers of a program.
    pub exif: Option<&'a [u8]>,
    /// The colour profile, whose bytes are not checked.
    pub icc: Option<Vec<u8>>,
    /// Whether there is an Adobe segment.
    pub adobe: bool,
    /// The segments between SOI and the first scan.
    pub tables: &'a [u8],
    /// The header of the first scan.
    pub first_scan: ScanHeader,
    /// The rest of the file, starting with the data of the first scan.
    pub data: &'a [u8],
    /// All scans, or `None` if there is only one with all components.
    pub scans: Option<Scans<'a>>,
}

impl Jpeg<'_> {
    /// The format, the size and the number of frames.
    #[must_use]
    pub fn header(&self) -> Header {
        Header { format: Format::Jpeg, width: self.frame.width, height: self.frame.height, frames: 1 }
    }

    /// Whether the end-of-image marker after the last scan is missing. In a file with one scan, this searches its data.
    #[must_use]
    pub fn ended_early(&self) -> bool {
        if let Some(scans) = &self.scans {
            return !scans.complete;
        }
        let mut source = self.data;
        let mut cursor = Cursor::new(&mut source);
        if segment::pass_data(&mut cursor).is_err() {
            return true;
        }
        let behind = &self.data[cursor.position() as usize..];
        let next_part = |segment: &segment::Segment<'_>| matches!(segment.marker, marker::EOI | marker::SOS);
        Segments::of(behind).find(next_part).is_none_or(|segment| segment.marker == marker::SOS)
    }
}

/// Reads the JPEG in `file`.
///
/// # Errors
/// If the file is cut off before the data of the first scan, if it does not use Huffman codes and 8 bits, or if its
/// frame header or the header of its first scan contradicts itself.
pub fn read(file: &[u8]) -> Result<Jpeg<'_>, Unreadable> {
    let mut source = file;
    let places = places(&mut Cursor::new(&mut source))?;
    let part = |range| slice(file, range);
    let icc = places.icc.map(|chunks| chunks.into_iter().map(part).collect::<Vec<_>>().concat());
    Ok(Jpeg {
        frame: places.frame,
        exif: places.exif.map(part),
        icc,
        adobe: places.adobe,
        tables: part(places.tables),
        first_scan: places.first_scan,
        data: &file[places.data as usize..],
        scans: places.scans.map(|scans| Scans::of(file, scans)),
    })
}

/// The positions in the file of the parts of a [`Jpeg`].
pub(crate) struct Places {
    pub(crate) frame: Frame,
    exif: Option<Range<u64>>,
    icc: Option<Vec<Range<u64>>>,
    adobe: bool,
    tables: Range<u64>,
    first_scan: ScanHeader,
    data: u64,
    scans: Option<ScanPlaces>,
}

/// The range of the EXIF block in an APP1 segment, if it has one.
fn exif_in<S: Source>(
    segment: &Place,
    cursor: &mut Cursor<'_, S>,
) -> Result<Option<Range<u64>>, ReadError<S::Error>> {
    let opening = segment.opening::<{ EXIF.len() }, S>(cursor)?;
    let block = segment.body.start + EXIF.len() as u64..segment.body.end;
    Ok((opening.as_slice() == EXIF).then_some(block))
}

/// Finds the parts of a file, see [`read`].
pub(crate) fn places<S: Source>(cursor: &mut Cursor<'_, S>) -> Result<Places, Fault<S::Error>> {
    if cursor.array()? != [0xFF, marker::SOI] {
        return Err(Fault::Damaged("it does not begin with a start-of-image marker"));
    }
    let start = cursor.position();
    let mut frame = None;
    let mut exif = None;
    let mut icc = Chunks::default();
    let mut adobe = false;

    let first = loop {
        let segment = segment::next(cursor)?;
        let length = segment.body.end - segment.body.start;
        match Meaning::of(segment.marker) {
            Meaning::Scan => break segment,
            Meaning::Frame(coding) if frame.is_none() => {
                let opening = segment.opening::<{ Frame::LONGEST }, S>(cursor)?;
                frame = Some(Frame::parse(opening.as_slice(), length, coding)?);
            }
            Meaning::OtherCoding(name) | Meaning::OtherFormat(name) => {
                return Err(Fault::Unsupported(name.into()));
            }
            Meaning::Passed => match segment.marker {
                marker::APP1 if exif.is_none() => exif = exif_in(&segment, cursor)?,
                marker::APP2 => icc.add(&segment, cursor)?,
                marker::APP14 if length >= ADOBE_LENGTH as u64 => {
                    adobe |= segment.opening::<{ ADOBE.len() }, S>(cursor)?.as_slice() == ADOBE;
                }
                _ => {}
            },
            _ => return Err(Fault::Damaged("a marker is out of place")),
        }
    };
    let frame = frame.ok_or(Fault::Damaged("a scan comes before the frame header"))?;
    let opening = first.opening::<{ ScanHeader::LONGEST }, S>(cursor)?;
    let first_scan = ScanHeader::parse(opening.as_slice(), first.body.end - first.body.start, &frame)
        .ok_or(Fault::Damaged("the first scan's header contradicts itself or the frame's"))?;
    let (tables, data) = (start..first.whole.start, first.whole.end);
    let several = frame.coding == Coding::Progressive || first_scan.components.len() < frame.components.len();
    let scans = if several { Some(ScanPlaces::find(cursor, first, &frame)?) } else { None };
    Ok(Places { frame, exif, icc: icc.profile(), adobe, tables, first_scan, data, scans })
}

impl<E> From<FrameFault> for Fault<E> {
    fn from(fault: FrameFault) -> Self {
        match fault {
            FrameFault::Precision(bits) => Self::Unsupported(format!("{bits}-bit JPEG").into()),
            FrameFault::Components(count) => {
                Self::Unsupported(format!("JPEG with {count} components").into())
            }
            FrameFault::NoPixels => Self::Damaged("its width or height is 0"),
            FrameFault::Malformed => Self::Damaged("the frame header contradicts itself"),
        }
    }
}
