//! The strict reading of a JPEG, which checks the segments up to a first scan that has data.

use super::frame::{Frame, FrameFault};
use super::marker::{self, Coding, Meaning};
use super::scan::ScanHeader;
use super::segment::{self, Place};
use crate::cursor::Cursor;
use crate::inspect::{Inspected, ensure};
use crate::refusal::Refusal;
use crate::source::Source;

/// Checks the segments and returns the width and the height.
pub(crate) fn inspect<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<(u32, u32), S> {
    cursor.skip(2)?; // SOI, which the signature has seen
    let mut frame = None;
    loop {
        let segment = segment::next(cursor)?;
        match Meaning::of(segment.marker) {
            Meaning::Scan => {
                let frame = frame.ok_or(Refusal::Invalid)?;
                scan(cursor, &segment, &frame)?;
                entropy_data(cursor)?;
                return Ok((frame.width, frame.height));
            }
            Meaning::Frame(coding) => {
                ensure(frame.is_none())?;
                let opening = segment.opening::<{ Frame::LONGEST }, S>(cursor)?;
                let length = segment.body.end - segment.body.start;
                frame = Some(Frame::parse(opening.as_slice(), length, coding).map_err(Refusal::from)?);
            }
            Meaning::OtherCoding(name) => return Err(Refusal::Feature(name.into()).into()),
            Meaning::OtherFormat(name) => return Err(Refusal::Format(name).into()),
            Meaning::Passed => ensure(may_have_its_length(&segment))?,
            Meaning::StartOfImage | Meaning::EndOfImage | Meaning::Reserved => {
                return Err(Refusal::Invalid.into());
            }
        }
    }
}

/// Whether the announced length is accepted. libjpeg fails at tables with a length of less than 2. In segments that it
/// skips, it treats such a length as 2 and searches for the next marker from there.
fn may_have_its_length(segment: &Place) -> bool {
    segment.has_a_possible_length()
        || matches!(segment.marker, marker::COM | marker::DNL | marker::APP0..=marker::APP15)
}

/// Checks a scan header for everything that makes libjpeg fail.
fn scan<S: Source>(cursor: &mut Cursor<'_, S>, segment: &Place, frame: &Frame) -> Inspected<(), S> {
    let opening = segment.opening::<{ ScanHeader::LONGEST }, S>(cursor)?;
    let length = segment.body.end - segment.body.start;
    let scan = ScanHeader::parse(opening.as_slice(), length, frame).ok_or(Refusal::Invalid)?;
    ensure(scan.fits_a_unit(frame))?;
    Ok(ensure(frame.coding == Coding::Sequential || scan.is_progressive())?)
}

/// Checks that there is at least one byte between the scan's header and the next marker.
fn entropy_data<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<(), S> {
    if cursor.byte()? != 0xFF {
        return Ok(());
    }
    let mut code = cursor.byte()?;
    while code == 0xFF {
        code = cursor.byte()?;
    }
    // A 0xFF in the data is followed by a 0.
    Ok(ensure(code == 0)?)
}

impl From<FrameFault> for Refusal {
    fn from(fault: FrameFault) -> Self {
        match fault {
            FrameFault::Precision(12) => Self::Feature("12-bit JPEG".into()),
            FrameFault::Precision(_)
            | FrameFault::Components(_)
            | FrameFault::NoPixels
            | FrameFault::Malformed => Self::Invalid,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
