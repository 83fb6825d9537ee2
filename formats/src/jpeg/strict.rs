//! JPEG: the markers up to the first scan that has data.
//!
//! Source: ITU-T T.81 annex B; where files in the wild differ from it, what libjpeg reads is read.

use crate::cursor::{Cursor, Order};
use crate::inspect::{Inspected, ensure};
use crate::refusal::Refusal;
use crate::source::Source;

const FILL: u8 = 0xFF;
const STUFFED: u8 = 0x00;
const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const DHP: u8 = 0xDE;

/// Checks the markers and gives width and height.
pub(crate) fn inspect<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<(u32, u32), S> {
    cursor.skip(2)?; // SOI, which the signature has seen
    let mut frame: Option<Frame> = None;
    loop {
        match next_marker(cursor)? {
            SOI | EOI => return Err(Refusal::Invalid.into()),
            SOS => {
                let frame = frame.ok_or(Refusal::Invalid)?;
                scan_header(cursor, frame.components)?;
                entropy_data(cursor)?;
                return Ok((frame.width, frame.height));
            }
            0xC0..=0xC2 => {
                ensure(frame.is_none())?;
                frame = Some(frame_header(cursor)?);
            }
            0xC3 => return Err(Refusal::Feature("lossless JPEG".into()).into()),
            0xC5..=0xC7 | DHP => return Err(Refusal::Feature("hierarchical JPEG".into()).into()),
            0xC9..=0xCB | 0xCD..=0xCF => {
                return Err(Refusal::Feature("arithmetic-coded JPEG".into()).into());
            }
            0xF7 => return Err(Refusal::Format("JPEG-LS").into()),
            0x01 | 0xD0..=0xD7 => {} // TEM and RSTn stand alone
            _ => {
                let length = segment_length(cursor)?;
                cursor.skip(length)?;
            }
        }
    }
}

struct Frame {
    width: u32,
    height: u32,
    components: u8,
}

/// The code of the next marker. Like libjpeg, passes over junk, fill bytes and stuffed zeros.
fn next_marker<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<u8, S> {
    loop {
        while cursor.byte()? != FILL {}
        let mut code = cursor.byte()?;
        while code == FILL {
            code = cursor.byte()?;
        }
        if code != STUFFED {
            return Ok(code);
        }
    }
}

/// How many bytes of the segment follow its length.
fn segment_length<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<u64, S> {
    let length = cursor.u16(Order::Big)?;
    Ok(length.checked_sub(2).map(u64::from).ok_or(Refusal::Invalid)?)
}

fn frame_header<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<Frame, S> {
    let length = segment_length(cursor)?;
    let precision = cursor.byte()?;
    let height = cursor.u16(Order::Big)?;
    let width = cursor.u16(Order::Big)?;
    let components = cursor.byte()?;
    if precision == 12 {
        return Err(Refusal::Feature("12-bit JPEG".into()).into());
    }
    ensure(precision == 8)?;
    // A height of 0 leaves the height to a DNL marker after the scan, which no browser reads.
    ensure(width > 0 && height > 0)?;
    ensure(matches!(components, 1 | 3 | 4))?;
    ensure(length == 6 + 3 * u64::from(components))?;
    for _ in 0..components {
        let [_id, sampling, _table] = cursor.array()?;
        ensure(matches!(sampling >> 4, 1..=4) && matches!(sampling & 0xF, 1..=4))?;
    }
    Ok(Frame { width: width.into(), height: height.into(), components })
}

fn scan_header<S: Source>(cursor: &mut Cursor<'_, S>, frame_components: u8) -> Inspected<(), S> {
    let length = segment_length(cursor)?;
    let components = cursor.byte()?;
    ensure((1..=frame_components).contains(&components))?;
    ensure(length == 4 + 2 * u64::from(components))?;
    cursor.skip(length - 1)?;
    Ok(())
}

/// At least one byte must lie between the scan's header and the next marker.
fn entropy_data<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<(), S> {
    if cursor.byte()? != FILL {
        return Ok(());
    }
    let mut code = cursor.byte()?;
    while code == FILL {
        code = cursor.byte()?;
    }
    Ok(ensure(code == STUFFED)?)
}

#[cfg(test)]
pub(crate) mod tests;
