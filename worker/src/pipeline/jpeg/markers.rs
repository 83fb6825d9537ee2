//! The segments of a JPEG file, found as libjpeg finds them: bytes that belong to no segment are skipped, and a
//! marker may have any number of 0xFF before it.

use std::ops::Range;

pub(super) const SOI: u8 = 0xD8;
pub(super) const RST0: u8 = 0xD0;
pub(super) const EOI: u8 = 0xD9;
pub(super) const SOS: u8 = 0xDA;
pub(super) const DQT: u8 = 0xDB;
pub(super) const DHT: u8 = 0xC4;
pub(super) const DAC: u8 = 0xCC;
pub(super) const DRI: u8 = 0xDD;
pub(super) const DNL: u8 = 0xDC;
pub(super) const APP0: u8 = 0xE0;
pub(super) const APP14: u8 = 0xEE;
pub(super) const APP15: u8 = 0xEF;
pub(super) const COM: u8 = 0xFE;
const TEM: u8 = 0x01;

/// One marker and what belongs to it, but for entropy-coded data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    /// The second byte of the marker.
    pub(super) marker: u8,
    /// Where the file holds it, from the 0xFF of the marker to the end of the body.
    pub(super) place: Range<usize>,
    /// Without the length.
    pub(super) body: &'a [u8],
}

/// The file ends before the segment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OutOfData;

/// Reads the segments from an offset on; has to be told to skip the data after a SOS.
pub(super) struct Segments<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Segments<'a> {
    pub(super) fn from(input: &'a [u8], at: usize) -> Self {
        Self { input, at }
    }

    pub(super) fn next(&mut self) -> Result<Segment<'a>, OutOfData> {
        let (start, marker) = next_marker(self.input, self.at).ok_or(OutOfData)?;
        let after = start + 2;
        if stands_alone(marker) {
            self.at = after;
            return Ok(Segment { marker, place: start..after, body: &[] });
        }
        let length = self.input.get(after..after + 2).ok_or(OutOfData)?;
        // The length counts its own two bytes; libjpeg takes less than that for an empty body.
        let length = usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
        let body = self.input.get(after + 2..after + length).ok_or(OutOfData)?;
        self.at = after + length;
        Ok(Segment { marker, place: start..self.at, body })
    }
}

/// Where the entropy-coded data that begins at `from` ends: at a marker that is no restart, or with the file.
pub(super) fn end_of_data(input: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some((start, marker)) = next_marker(input, at) {
        if !is_restart(marker) {
            return start;
        }
        at = start + 2;
    }
    input.len()
}

/// Whether an end-of-image marker follows the data that begins at `from`, with no other scan between.
pub(super) fn image_ends_after(input: &[u8], from: usize) -> bool {
    let mut segments = Segments::from(input, end_of_data(input, from));
    loop {
        match segments.next() {
            Ok(Segment { marker: EOI, .. }) => return true,
            Ok(Segment { marker: SOS, .. }) | Err(OutOfData) => return false,
            Ok(_) => {}
        }
    }
}

/// The offset of the last 0xFF before the next marker, and the marker. A 0xFF before a 0 is none: in
/// entropy-coded data it is a byte of the data.
fn next_marker(input: &[u8], mut at: usize) -> Option<(usize, u8)> {
    loop {
        let rest = input.get(at..)?;
        let mut found = at + memchr::memchr(0xFF, rest)? + 1;
        while *input.get(found)? == 0xFF {
            found += 1;
        }
        if input[found] != 0 {
            return Some((found - 1, input[found]));
        }
        at = found + 1;
    }
}

fn is_restart(marker: u8) -> bool {
    (0xD0..=0xD7).contains(&marker)
}

fn stands_alone(marker: u8) -> bool {
    is_restart(marker) || matches!(marker, SOI | EOI | TEM)
}
