//! The strict reading: the segments up to a first scan that has data.

use super::frame::{Frame, FrameFault};
use super::marker::{self, Coding, Meaning};
use super::scan::ScanHeader;
use super::segment::{self, Place};
use crate::cursor::Cursor;
use crate::inspect::{Inspected, ensure};
use crate::refusal::Refusal;
use crate::source::Source;

/// Checks the segments and gives width and height.
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

/// libjpeg gives up at tables that announce a length of less than 2. Of what it passes over, it takes the length for
/// 2, and searches for the next marker from there on.
fn may_have_its_length(segment: &Place) -> bool {
    segment.has_a_possible_length()
        || matches!(segment.marker, marker::COM | marker::DNL | marker::APP0..=marker::APP15)
}

/// Checks a scan header by all that makes libjpeg give up at one.
fn scan<S: Source>(cursor: &mut Cursor<'_, S>, segment: &Place, frame: &Frame) -> Inspected<(), S> {
    let opening = segment.opening::<{ ScanHeader::LONGEST }, S>(cursor)?;
    let length = segment.body.end - segment.body.start;
    let scan = ScanHeader::parse(opening.as_slice(), length, frame).ok_or(Refusal::Invalid)?;
    ensure(scan.fits_a_unit(frame))?;
    Ok(ensure(frame.coding == Coding::Sequential || scan.is_progressive())?)
}

/// At least one byte must lie between the scan's header and the next marker.
fn entropy_data<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<(), S> {
    if cursor.byte()? != 0xFF {
        return Ok(());
    }
    let mut code = cursor.byte()?;
    while code == 0xFF {
        code = cursor.byte()?;
    }
    // A 0xFF of the data has a 0 behind it.
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
