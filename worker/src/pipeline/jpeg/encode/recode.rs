//! Writes the entropy-coded data of a file again, with the codes that are the best for it.
//!
//! libjpeg-turbo can do that itself. It then keeps all coefficients, and counts the symbols coefficient by coefficient, which
//! takes as long as all the rest of its encoding. Writing the file with the codes of Annex K is what it is fast
//! at; here the symbols of that file are read, counted, and written with their best codes. The bytes are the same.

use super::super::bits::BitWriter;
use super::super::turbo::Sampling;
use super::best::{Best, Code};
use super::lookup::Lookup;
use super::tokens::{ALL, TABLES, Token, Tokens};
use resizinator_formats::jpeg::marker;

/// Returns `file` with the best codes. It must be one that libjpeg-turbo has written, of `width` × `height` pixels, with one
/// scan and the codes of Annex K. Returns `None` for another file.
pub(super) fn with_best_codes(
    file: &[u8],
    (width, height): (u32, u32),
    sampling: Sampling,
) -> Option<Vec<u8>> {
    let (side, blocks): (u32, &[usize]) = match sampling {
        Sampling::Grey => (8, &[0]),
        Sampling::Quarter => (16, &[0, 0, 0, 0, 1, 1]),
    };
    let units = width.div_ceil(side) as usize * height.div_ceil(side) as usize;
    let segments = segments(file)?;
    let mut lookups: [Lookup; TABLES] = Default::default();
    for segment in segments.iter().filter(|segment| segment.is_table()) {
        *lookups.get_mut(segment.table()?)? = Lookup::read(segment.bytes.get(5..)?)?;
    }
    let data = &file[segments.iter().map(|segment| segment.bytes.len()).sum::<usize>() + START.len()..];
    let Tokens { list, frequencies } = Tokens::read(data, &lookups, blocks, units)?;

    let mut codes = [(0, 0); ALL];
    let mut written = Vec::with_capacity(file.len());
    written.extend(START);
    for segment in &segments {
        if !segment.is_table() {
            written.extend_from_slice(segment.bytes);
            continue;
        }
        let of_table = segment.table()? * 256..(segment.table()? + 1) * 256;
        let best = Best::of(&frequencies[of_table.clone()]);
        codes[of_table].copy_from_slice(&best.codes);
        let length = u16::try_from(best.table.len() + 3).ok()?;
        written.extend([0xFF, marker::DHT]);
        written.extend(length.to_be_bytes());
        written.push(*segment.bytes.get(4)?);
        written.extend(best.table);
    }
    write(&list, &codes, &mut written);
    written.extend([0xFF, marker::EOI]);
    Some(written)
}

const START: [u8; 2] = [0xFF, marker::SOI];

/// A segment before the data, with its marker.
struct Segment<'a> {
    bytes: &'a [u8],
}

impl Segment<'_> {
    fn is_table(&self) -> bool {
        self.bytes[1] == marker::DHT
    }

    /// The number of its table: DC and AC for the luma, then for the chroma.
    fn table(&self) -> Option<usize> {
        let class_and_number = usize::from(*self.bytes.get(4)?);
        Some((class_and_number & 15) * 2 + (class_and_number >> 4)).filter(|&table| table < TABLES)
    }
}

/// The segments from the start to the header of the scan.
fn segments(file: &[u8]) -> Option<Vec<Segment<'_>>> {
    let mut rest = file.strip_prefix(&START)?;
    let mut segments = Vec::new();
    loop {
        let &[0xFF, kind, high, low, ..] = rest else { return None };
        let (bytes, after) = rest.split_at_checked(2 + usize::from(u16::from_be_bytes([high, low])))?;
        segments.push(Segment { bytes });
        rest = after;
        if kind == marker::SOS {
            return Some(segments);
        }
    }
}

fn write(tokens: &[Token], codes: &[Code; ALL], file: &mut Vec<u8>) {
    let mut writer = BitWriter::new(file);
    for token in tokens {
        let (code, length) = codes[token.symbol()];
        let (bits, size) = token.bits();
        writer.write(code << size | bits, length + size);
    }
    writer.finish();
}
