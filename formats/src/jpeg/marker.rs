//! The markers of a JPEG. A marker is two bytes, the first of which is 0xFF, and begins each part of a file (T.81,
//! B.1.1.2 and table B.1).

use crate::cursor::{Cursor, ReadError};
use crate::source::Source;

/// Start of image.
pub const SOI: u8 = 0xD8;
/// The first of the eight restart markers, which occur within the data of a scan.
pub const RST0: u8 = 0xD0;
/// The last of the restart markers.
pub const RST7: u8 = 0xD7;
/// End of image.
pub const EOI: u8 = 0xD9;
/// Start of scan: a scan header, which is followed by data.
pub const SOS: u8 = 0xDA;
/// Quantisation tables.
pub const DQT: u8 = 0xDB;
/// Number of lines: the height, given after the scan. It is ignored.
pub const DNL: u8 = 0xDC;
/// Restart interval.
pub const DRI: u8 = 0xDD;
/// Huffman tables.
pub const DHT: u8 = 0xC4;
/// Conditioning of arithmetic coding. A file with Huffman codes may have it too, but does not use it.
pub const DAC: u8 = 0xCC;
/// The first of the sixteen markers for application data. JFIF uses it.
pub const APP0: u8 = 0xE0;
/// The application marker of EXIF and XMP.
pub const APP1: u8 = 0xE1;
/// The application marker of ICC profiles.
pub const APP2: u8 = 0xE2;
/// The application marker of Adobe's programs.
pub const APP14: u8 = 0xEE;
/// The last of the application markers.
pub const APP15: u8 = 0xEF;
/// A comment.
pub const COM: u8 = 0xFE;
/// For temporary use in arithmetic coding.
pub const TEM: u8 = 0x01;

/// How the coefficients of a file are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Baseline or extended sequential.
    Sequential,
    /// Progressive, which means in several scans by bits and by bands.
    Progressive,
}

/// The kind of part that a marker begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    StartOfImage,
    EndOfImage,
    /// A frame header of pixels that are coded in this way.
    Frame(Coding),
    Scan,
    /// A frame header of a coding process with this name, which is not supported.
    OtherCoding(&'static str),
    /// A frame header of another format with this name.
    OtherFormat(&'static str),
    /// Tables, comments, application data, and markers that have no use outside of a scan's data. They may occur
    /// anywhere between the other parts.
    Passed,
    /// A marker that the standard reserves. libjpeg fails at it.
    Reserved,
}

impl Meaning {
    pub(crate) fn of(marker: u8) -> Self {
        match marker {
            SOI => Self::StartOfImage,
            EOI => Self::EndOfImage,
            SOS => Self::Scan,
            0xC0 | 0xC1 => Self::Frame(Coding::Sequential),
            0xC2 => Self::Frame(Coding::Progressive),
            0xC3 => Self::OtherCoding("lossless JPEG"),
            0xC5..=0xC7 | 0xDE | 0xDF => Self::OtherCoding("hierarchical JPEG"),
            0xC9..=0xCB | 0xCD..=0xCF => Self::OtherCoding("arithmetic-coded JPEG"),
            0xF7 => Self::OtherFormat("JPEG-LS"),
            DHT | DAC | DQT | DRI | DNL | COM | TEM | APP0..=APP15 | RST0..=RST7 => Self::Passed,
            _ => Self::Reserved,
        }
    }
}

/// Whether the marker has neither a length nor a body.
pub(crate) fn stands_alone(marker: u8) -> bool {
    is_restart(marker) || matches!(marker, SOI | EOI | TEM)
}

/// Whether the marker may occur within the data of a scan.
pub(crate) fn is_restart(marker: u8) -> bool {
    matches!(marker, RST0..=RST7)
}

/// Moves to the end of the next marker and returns its second byte.
///
/// Like libjpeg, it skips bytes that belong to no segment, and any number of 0xFF before a marker. A 0xFF before a 0 is
/// no marker: in a scan's data it is a byte of the data.
pub(crate) fn next<S: Source>(cursor: &mut Cursor<'_, S>) -> Result<u8, ReadError<S::Error>> {
    loop {
        let window = cursor.window()?;
        if window.is_empty() {
            return Err(ReadError::EndedEarly);
        }
        match find(window) {
            Found::Marker { code, end } => {
                cursor.skip(end as u64)?;
                return Ok(code);
            }
            Found::Nothing => {
                let passed = window.len() as u64;
                cursor.skip(passed)?;
            }
            Found::Half { start } => {
                cursor.skip(start as u64)?;
                match cursor.array()? {
                    [_, 0] => {}
                    [_, 0xFF] => cursor.go_to(cursor.position() - 1)?,
                    [_, code] => return Ok(code),
                }
            }
        }
    }
}

/// The result of searching a part of a file for a marker.
enum Found {
    /// The second byte of the first marker, and the offset where the marker ends.
    Marker { code: u8, end: usize },
    /// The part has no marker.
    Nothing,
    /// The last byte of the part is a 0xFF, which may begin a marker.
    Half { start: usize },
}

fn find(bytes: &[u8]) -> Found {
    let mut at = 0;
    while let Some(passed) = position_of_ff(&bytes[at..]) {
        at += passed + 1;
        while bytes.get(at) == Some(&0xFF) {
            at += 1;
        }
        match bytes.get(at) {
            Some(0) => at += 1,
            Some(&code) => return Found::Marker { code, end: at + 1 },
            None => return Found::Half { start: at - 1 },
        }
    }
    Found::Nothing
}

/// The position of the first 0xFF. The loop over 32 bytes becomes vector code, which skips most of a file.
#[inline]
fn position_of_ff(bytes: &[u8]) -> Option<usize> {
    let (chunks, rest) = bytes.as_chunks::<32>();
    for (index, chunk) in chunks.iter().enumerate() {
        if chunk.iter().fold(0, |found, &byte| found | u8::from(byte == 0xFF)) != 0 {
            return position_in_words(chunk).map(|position| index * 32 + position);
        }
    }
    position_in_words(rest).map(|position| chunks.len() * 32 + position)
}

/// The same as [`position_of_ff`], for few bytes.
#[inline]
fn position_in_words(bytes: &[u8]) -> Option<usize> {
    const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let zero_for_ff = !u64::from_le_bytes(*word);
        // The lowest set bit belongs to the first zero byte.
        let zeros = zero_for_ff.wrapping_sub(LOW) & !zero_for_ff & HIGH;
        if zeros != 0 {
            return Some(index * 8 + zeros.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|&byte| byte == 0xFF).map(|position| words.len() * 8 + position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_ff_is_found_wherever_it_stands() {
        let mut bytes = [0xFE; 100];
        assert_eq!(position_of_ff(&bytes), None);
        for place in (0..bytes.len()).rev() {
            bytes[place] = 0xFF;
            for start in 0..=place {
                assert_eq!(position_of_ff(&bytes[start..]), Some(place - start));
            }
        }
        assert_eq!(position_of_ff(&[]), None);
    }
}
