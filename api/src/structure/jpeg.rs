//! JPEG: the markers up to the first scan that has data.
//!
//! Source: ITU-T T.81 annex B; where files in the wild differ from it, what libjpeg reads is read.

use std::io::{BufRead, Seek};

use super::source::{Order, Source};
use super::{StructureError, ensure};

const FILL: u8 = 0xFF;
const STUFFED: u8 = 0x00;
const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const DHP: u8 = 0xDE;

/// Checks the markers and gives width and height.
pub(super) fn inspect<R: BufRead + Seek>(source: &mut Source<'_, R>) -> Result<(u32, u32), StructureError> {
    source.skip(2)?; // SOI, which the signature has seen
    let mut frame: Option<Frame> = None;
    loop {
        match next_marker(source)? {
            SOI | EOI => return Err(StructureError::Invalid),
            SOS => {
                let frame = frame.ok_or(StructureError::Invalid)?;
                scan_header(source, frame.components)?;
                entropy_data(source)?;
                return Ok((frame.width, frame.height));
            }
            0xC0..=0xC2 => {
                ensure(frame.is_none())?;
                frame = Some(frame_header(source)?);
            }
            0xC3 => return Err(StructureError::Unsupported("lossless JPEG")),
            0xC5..=0xC7 | DHP => return Err(StructureError::Unsupported("hierarchical JPEG")),
            0xC9..=0xCB | 0xCD..=0xCF => {
                return Err(StructureError::Unsupported("arithmetic-coded JPEG"));
            }
            0xF7 => return Err(StructureError::Unsupported("JPEG-LS")),
            0x01 | 0xD0..=0xD7 => {} // TEM and RSTn stand alone
            _ => {
                let length = segment_length(source)?;
                source.skip(length)?;
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
fn next_marker<R: BufRead + Seek>(source: &mut Source<'_, R>) -> Result<u8, StructureError> {
    loop {
        while source.byte()? != FILL {}
        let mut code = source.byte()?;
        while code == FILL {
            code = source.byte()?;
        }
        if code != STUFFED {
            return Ok(code);
        }
    }
}

/// How many bytes of the segment follow its length.
fn segment_length<R: BufRead + Seek>(source: &mut Source<'_, R>) -> Result<u64, StructureError> {
    let length = source.u16(Order::Big)?;
    length.checked_sub(2).map(u64::from).ok_or(StructureError::Invalid)
}

fn frame_header<R: BufRead + Seek>(source: &mut Source<'_, R>) -> Result<Frame, StructureError> {
    let length = segment_length(source)?;
    let precision = source.byte()?;
    let height = source.u16(Order::Big)?;
    let width = source.u16(Order::Big)?;
    let components = source.byte()?;
    if precision == 12 {
        return Err(StructureError::Unsupported("12-bit JPEG"));
    }
    ensure(precision == 8)?;
    // A height of 0 leaves the height to a DNL marker after the scan, which no browser reads.
    ensure(width > 0 && height > 0)?;
    ensure(matches!(components, 1 | 3 | 4))?;
    ensure(length == 6 + 3 * u64::from(components))?;
    for _ in 0..components {
        let [_id, sampling, _table] = source.array()?;
        ensure(matches!(sampling >> 4, 1..=4) && matches!(sampling & 0xF, 1..=4))?;
    }
    Ok(Frame { width: width.into(), height: height.into(), components })
}

fn scan_header<R: BufRead + Seek>(
    source: &mut Source<'_, R>,
    frame_components: u8,
) -> Result<(), StructureError> {
    let length = segment_length(source)?;
    let components = source.byte()?;
    ensure((1..=frame_components).contains(&components))?;
    ensure(length == 4 + 2 * u64::from(components))?;
    source.skip(length - 1)
}

/// At least one byte must lie between the scan's header and the next marker.
fn entropy_data<R: BufRead + Seek>(source: &mut Source<'_, R>) -> Result<(), StructureError> {
    if source.byte()? != FILL {
        return Ok(());
    }
    let mut code = source.byte()?;
    while code == FILL {
        code = source.byte()?;
    }
    ensure(code == STUFFED)
}

#[cfg(test)]
pub(super) mod tests;
