//! A sequential file without the AC coefficients that the decoder would read in vain.
//!
//! They take most of the decoder's time: one by one it has to find where each ends. Here they are passed over some at
//! a time, and what remains is written as a file whose blocks end after their DC value. Blocks of components that are
//! needed in full are copied.

use super::{
    bits::{BitReader, BitWriter},
    header::{Component, Header},
    huffman::{Codes, Coefficients},
    markers::{self, Segments},
    scans::ScanHeader,
    trim::copy_tables,
};

/// The blocks of one component in each unit of an interleaved scan (MCU).
struct Blocks<'c> {
    differences: &'c Codes,
    coefficients: Coefficients<'c>,
    count: u32,
    superfluous: bool,
}

/// What stands before the data of the only scan.
#[derive(Default)]
struct Tables<'a> {
    dc: [Option<Codes>; 4],
    ac: [Option<Codes>; 4],
    /// Units between restart markers; 0 for none.
    restart_interval: u32,
    /// Of the components, see [`ScanHeader`].
    selectors: &'a [[u8; 2]],
    /// Where the SOS segment begins.
    sos: usize,
}

/// The file without the AC coefficients of those components of `header` that are `superfluous`, and without metadata.
/// `None` if none are, or if the data are not in perfect order to their end: what the decoder makes of damage depends
/// on what it reads.
pub(super) fn without(superfluous: &[bool], input: &[u8], header: &Header) -> Option<Vec<u8>> {
    if !superfluous.contains(&true) {
        return None;
    }
    let tables = Tables::read(input)?;
    let unit = unit(&tables, superfluous, header)?;
    let (along, down) = header.units();

    let mut file = Vec::with_capacity(input.len() / 3);
    file.extend([0xFF, markers::SOI]);
    copy_tables(&input[..tables.sos], 2, &mut file);
    file.extend(&input[tables.sos..header.data]);
    let mut at = header.data;
    let mut units = along * down;
    let interval = if tables.restart_interval > 0 { tables.restart_interval } else { units };
    for restart in (0..8).cycle() {
        at = pass_units(units.min(interval), &unit, BitReader::from(input, at), &mut file)?;
        units = units.saturating_sub(interval);
        let marker = if units == 0 { markers::EOI } else { markers::RST0 + restart };
        if input.get(at..at + 2) != Some(&[0xFF, marker]) {
            return None;
        }
        file.extend([0xFF, marker]);
        if units == 0 {
            break;
        }
        at += 2;
    }
    Some(file)
}

/// Copies `count` units, and returns where the data end.
fn pass_units(count: u32, unit: &[Blocks<'_>], mut data: BitReader<'_>, file: &mut Vec<u8>) -> Option<usize> {
    let mut out = BitWriter::new(file);
    for _ in 0..count {
        for blocks in unit {
            for _ in 0..blocks.count {
                data = data.filled();
                let bits = blocks.differences.difference(data.peek(16))?;
                out.write(data.peek(bits), bits);
                data = data.after(bits)?;
                if blocks.superfluous {
                    data = blocks.coefficients.pass(data, |_, _| {})?;
                    let (end, bits) = blocks.coefficients.end;
                    out.write(end, bits);
                } else {
                    data = blocks.coefficients.pass(data, |group, bits| out.write(group, bits))?;
                }
            }
        }
    }
    out.finish();
    data.end()
}

/// What a unit consists of.
fn unit<'c>(tables: &'c Tables<'_>, superfluous: &[bool], header: &Header) -> Option<Vec<Blocks<'c>>> {
    let alone = header.components.len() == 1;
    let blocks = |(component, &[id, numbers]): (&Component, &[u8; 2]), superfluous| {
        (id == component.id).then_some(())?;
        Some(Blocks {
            differences: tables.dc.get(usize::from(numbers >> 4))?.as_ref()?,
            coefficients: Coefficients::new(tables.ac.get(usize::from(numbers & 15))?.as_ref()?)?,
            count: if alone { 1 } else { u32::from(component.h) * u32::from(component.v) },
            superfluous,
        })
    };
    if tables.selectors.len() != header.components.len() {
        return None;
    }
    let components = header.components.iter().zip(tables.selectors);
    components.zip(superfluous).map(|(component, &superfluous)| blocks(component, superfluous)).collect()
}

impl<'a> Tables<'a> {
    fn read(input: &'a [u8]) -> Option<Self> {
        let mut tables = Self::default();
        let mut segments = Segments::from(input, 2);
        loop {
            let segment = segments.next().ok()?;
            match segment.marker {
                markers::DHT => tables.read_codes(segment.body)?,
                markers::DRI => {
                    let interval = segment.body.first_chunk()?;
                    tables.restart_interval = u32::from(u16::from_be_bytes(*interval));
                }
                markers::SOS => {
                    let scan = ScanHeader::read(&segment)?;
                    tables.selectors = scan.selectors;
                    tables.sos = segment.place.start;
                    return (scan.band == (0, 63) && scan.approximation == (0, 0)).then_some(tables);
                }
                _ => {}
            }
        }
    }

    /// Keeps the tables of a DHT segment.
    fn read_codes(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((&number, table)) = body.split_first() {
            let tables = if number >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            let codes;
            (codes, body) = Codes::read(table)?;
            *tables.get_mut(usize::from(number & 15))? = Some(codes);
        }
        Some(())
    }
}
