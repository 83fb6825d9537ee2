//! The sequence header of AV1 data, which has the size, depth, subsampling and colours of its pictures.
//!
//! Source: the AV1 Bitstream & Decoding Process Specification, sections 5.3 and 5.5.

use super::bits::Bits;
use super::colours::Nclx;
use super::geometry::{Layout, Size};

/// The sequence header of AV1 data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceHeader {
    /// The largest size of a picture in the data.
    pub size: Size,
    /// The chroma subsampling.
    pub layout: Layout,
    /// The number of bits per sample: 8, 10 or 12.
    pub bits: u8,
    /// The meaning of the colours, unless the file states it outside of the AV1 data.
    pub colours: Nclx,
    /// Whether film grain may be added, which the decoder does in a copy of the picture.
    pub grain: bool,
    /// Whether the data has layers, of which some may be smaller than others.
    pub layered: bool,
}

impl SequenceHeader {
    /// Finds the sequence header among the units at the start of AV1 data. Returns `None` if there is none.
    pub(super) fn find(data: &[u8]) -> Option<Self> {
        const SEQUENCE_HEADER: u8 = 1;
        let mut rest = data;
        loop {
            let (&first, behind) = rest.split_first()?;
            let (extended, sized) = (first & 4 != 0, first & 2 != 0);
            let mut bytes = if extended { behind.get(1..)? } else { behind };
            let length = if sized { leb128(&mut bytes)? } else { bytes.len() };
            if first >> 3 & 15 == SEQUENCE_HEADER {
                return Self::read(&mut Bits::new(bytes.get(..length)?));
            }
            rest = bytes.get(length..)?;
        }
    }

    /// Reads the sequence header (section 5.5.1).
    fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let profile = bits.number(3)?;
        let _still = bits.flag()?;
        let reduced = bits.flag()?;
        let layered = if reduced {
            bits.number(5)?;
            false
        } else {
            operating_points(bits)?
        };
        let (width, height) = (bits.number(4)? + 1, bits.number(4)? + 1);
        let size = Size { width: bits.number(width)? + 1, height: bits.number(height)? + 1 };
        if !reduced && bits.flag()? {
            bits.number(7)?; // lengths of the numbers of frames
        }
        bits.number(3)?; // tools inside of a frame
        if !reduced {
            tools_between_frames(bits)?;
        }
        bits.number(3)?; // filters
        let (depth, layout, colours) = colours(bits, profile)?;
        Some(Self { size, layout, bits: depth, colours, grain: bits.flag()?, layered })
    }
}

/// Skips the timing and the operating points. Returns whether there are layers.
fn operating_points(bits: &mut Bits<'_>) -> Option<bool> {
    let mut delay_length = None;
    if bits.flag()? {
        bits.number(32)?;
        bits.number(32)?;
        if bits.flag()? {
            bits.skip_variable_length()?;
        }
        if bits.flag()? {
            delay_length = Some(bits.number(5)? + 1);
            bits.number(32)?;
            bits.number(10)?;
        }
    }
    let display_delay = bits.flag()?;
    let mut layered = false;
    for _ in 0..=bits.number(5)? {
        layered |= bits.number(12)? != 0;
        if bits.number(5)? > 7 {
            bits.flag()?;
        }
        if let Some(length) = delay_length
            && bits.flag()?
        {
            bits.number(length)?;
            bits.number(length)?;
            bits.flag()?;
        }
        if display_delay && bits.flag()? {
            bits.number(4)?;
        }
    }
    Some(layered)
}

fn tools_between_frames(bits: &mut Bits<'_>) -> Option<()> {
    bits.number(4)?;
    let ordered = bits.flag()?;
    if ordered {
        bits.number(2)?;
    }
    let screen_content = bits.flag()? || bits.flag()?;
    if screen_content && !bits.flag()? {
        bits.flag()?;
    }
    if ordered {
        bits.number(3)?;
    }
    Some(())
}

/// Reads the bits per sample, the subsampling and the code points (section 5.5.2).
fn colours(bits: &mut Bits<'_>, profile: u32) -> Option<(u8, Layout, Nclx)> {
    let depth = match (bits.flag()?, profile) {
        (false, 0..=2) => 8,
        (true, 2) if bits.flag()? => 12,
        (true, 0..=2) => 10,
        _ => return None,
    };
    let grey = profile != 1 && bits.flag()?;
    let [primaries, transfer, matrix] =
        if bits.flag()? { [bits.byte()?, bits.byte()?, bits.byte()?] } else { [2; 3] };
    let code_points = |full_range| Nclx { primaries, transfer, matrix, full_range };
    if grey {
        let full_range = bits.flag()?;
        return Some((depth, Layout::I400, code_points(full_range)));
    }
    if (primaries, transfer, matrix) == (1, 13, 0) {
        bits.flag()?;
        return Some((depth, Layout::I444, code_points(true)));
    }
    let full_range = bits.flag()?;
    let (across, down) = match (profile, depth) {
        (0, _) => (true, true),
        (1, _) => (false, false),
        (_, 12) => {
            let across = bits.flag()?;
            (across, across && bits.flag()?)
        }
        _ => (true, false),
    };
    if across && down {
        bits.number(2)?; // where between the pixels the colours lie
    }
    bits.flag()?;
    let layout = match (across, down) {
        (true, true) => Layout::I420,
        (true, false) => Layout::I422,
        (false, _) => Layout::I444,
    };
    Some((depth, layout, code_points(full_range)))
}

fn leb128(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..56).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
